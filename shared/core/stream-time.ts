import { MillraceError } from './errors.ts';

/**
 * When a DynamoDB stream was created, from the end of its ARN: `.../stream/2015-05-11T21:21:33.291` (UTC).
 * @throws MillraceError `unsupported` when the ARN does not end in a time.
 */
export function streamCreatedAtMs(streamArn: string): number {
  const label = streamArn.slice(streamArn.lastIndexOf('/') + 1);
  const time = Date.parse(`${label}Z`);
  if (!Number.isNaN(time)) return time;
  throw new MillraceError(
    'unsupported',
    `a stream's ARN must end in the time of its creation, such as stream/2015-05-11T21:21:33.291, got ${streamArn}`,
  );
}

/** When a shard was created: the milliseconds in AWS's form of its id, which AWS does not promise; else `null`. */
export function shardCreatedAtMs(shardId: string): number | null {
  const [, time] = /^shardId-(\d{20})-[0-9a-f]+$/.exec(shardId) ?? [];
  return time === undefined ? null : Number(time);
}
