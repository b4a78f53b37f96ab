import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { MillraceError } from '../core/errors.ts';

/**
 * How long a Kinesis stream keeps its records (milliseconds), also one of another account that lets us ask.
 * @throws MillraceError `unsupported` when Kinesis does not tell.
 */
export async function kinesisRetentionMs(client: KinesisClient, StreamARN: string): Promise<number> {
  const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand({ StreamARN }));
  const hours = summary?.RetentionPeriodHours;
  if (hours === undefined) throw new MillraceError('unsupported', `Kinesis tells no retention of ${StreamARN}`);
  return hours * 3_600_000;
}
