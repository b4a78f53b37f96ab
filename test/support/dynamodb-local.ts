import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DynamoDBClient,
  type StreamViewType,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { inject } from 'vitest';

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
}

/** Clients of a local engine, with credentials that no account has. */
export function clients(endpoint: string): Clients {
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  return { dynamodb: new DynamoDBClient(options), streams: new DynamoDBStreamsClient(options) };
}

/**
 * The one DynamoDB Local of this test run, started when the first test asks for it.
 *
 * All tests share it, so each makes tables of its own with `uniqueName`.
 */
export async function sharedDynamoDbLocal(): Promise<Clients & { readonly endpoint: string }> {
  const response = await fetch(inject('dynamoDbLocal'));
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return { endpoint: answer, ...clients(answer) };
}

/** A table name (or any other name) that no other test uses. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomUUID()}`;

export interface StreamedTable {
  readonly tableName: string;
  readonly streamArn: string;
}

/** A new table with the string key `id` and a stream, ready to be written to. */
export async function createStreamedTable(
  dynamodb: DynamoDBClient,
  tableName: string = uniqueName('table'),
  view: StreamViewType = 'NEW_AND_OLD_IMAGES',
): Promise<StreamedTable> {
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: view },
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName: tableName });
  return { tableName, streamArn: TableDescription?.LatestStreamArn ?? '' };
}
