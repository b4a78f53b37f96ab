import { type DynamoDBStreamsClient, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import type { Opened, StreamIdentity } from '../core/ports.ts';
import { errorName, failed } from './errors.ts';

/** Opens a shard of a DynamoDB stream at whatever comes next. */
export async function latestIterator(
  streams: DynamoDBStreamsClient,
  stream: StreamIdentity,
  ShardId: string,
): Promise<Opened> {
  try {
    const command = new GetShardIteratorCommand({ StreamArn: stream.arn, ShardId, ShardIteratorType: 'LATEST' });
    const { ShardIterator: iterator } = await streams.send(command);
    if (iterator !== undefined) return { kind: 'opened', iterator };
    return { kind: 'failed', reason: 'unavailable', message: 'GetShardIterator gave none' };
  } catch (error) {
    return errorName(error) === 'ResourceNotFoundException' ? { kind: 'gone' } : failed(error);
  }
}
