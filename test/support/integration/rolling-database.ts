import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Clients } from '../dynamodb-local.ts';
import type { RollingDynamoDbLocal } from '../dynamodb-local-rollover.ts';

/** A database of a rolling engine, which its access key alone chooses. */
export interface RollingDatabase extends Clients {
  readonly accessKeyId: string;
}

/**
 * A new database. Where other tables of it are written to while a shard rolls over, the shard's first record may have a
 * greater number than the shard's start, and the engine says that the start has been trimmed.
 */
export function rollingDatabase({ endpoint }: RollingDynamoDbLocal): RollingDatabase {
  const accessKeyId = randomUUID().replaceAll('-', '');
  const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'local' } };
  return { accessKeyId, dynamodb: new DynamoDBClient(options), streams: new DynamoDBStreamsClient(options) };
}
