import { GetShardIteratorCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { Opened } from '../core/ports.ts';
import { errorName, failed } from './errors.ts';

/** Opens a shard of a Kinesis stream at whatever comes next, for the source of that stream to read on. */
export async function kinesisLatestIterator(
  client: KinesisClient,
  StreamName: string,
  ShardId: string,
): Promise<Opened> {
  try {
    const command = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'LATEST' });
    const { ShardIterator: iterator } = await client.send(command);
    if (iterator === undefined) return { kind: 'failed', reason: 'unavailable', message: 'GetShardIterator gave none' };
    return { kind: 'opened', iterator: `${ShardId} ${iterator}` };
  } catch (error) {
    return errorName(error) === 'ResourceNotFoundException' ? { kind: 'gone' } : failed(error);
  }
}
