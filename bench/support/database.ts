import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../cli/dynamodb-local.ts';
import { stateTableDefinition } from '../../shared/core/state-row.ts';

/** DynamoDB Local with a table whose changes are streamed, and a state table. */
export interface Database {
  readonly dynamodb: DynamoDBClient;
  /** The client with a method for each call, which some libraries ask for; it is the ordinary one, too. */
  readonly streams: DynamoDBStreams;
  readonly streamArn: string;
  readonly stop: () => Promise<void>;
}

export const TABLE = 'orders';
export const STATE_TABLE = 'millrace-state';
const REGION = 'us-east-1';
const MOST_PUTS = 25;

export async function startDatabase(): Promise<Database> {
  const engine: DynamoDbLocal = await startDynamoDbLocal();
  const options = {
    endpoint: engine.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const dynamodb = new DynamoDBClient(options);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await dynamodb.send(new CreateTableCommand(stateTableDefinition(STATE_TABLE)));
  for (const TableName of [TABLE, STATE_TABLE]) {
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName });
  }
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: TABLE }));
  const streams = new DynamoDBStreams(options);
  const stop = async (): Promise<void> => {
    dynamodb.destroy();
    streams.destroy();
    await engine.stop();
  };
  return { dynamodb, streams, streamArn: Table?.LatestStreamArn ?? '', stop };
}

/** Writes so many items of about 200 bytes: as many records in the table's stream. */
export async function writeBacklog(dynamodb: DynamoDBClient, items: number): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items) {
      const from = next;
      next += MOST_PUTS;
      const puts = Array.from({ length: Math.min(MOST_PUTS, items - from) }, (_, index) => ({
        PutRequest: { Item: item(from + index) },
      }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: puts } }));
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

const item = (number: number) => ({
  id: { S: `order-${number}` },
  status: { S: 'new' },
  total: { N: String(number) },
  customer: { M: { name: { S: 'Ada' }, city: { S: 'London' } } },
  note: { S: 'please leave it at the door, or with the neighbours on the second floor' },
});
