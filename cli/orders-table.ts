import {
  CreateTableCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { stateTableDefinition } from '../shared/core/state-row.ts';
import type { OrderWrite } from './order-writes.ts';

export const ORDERS_TABLE = 'orders';
export const STATE_TABLE = 'millrace-state';
/** The attribute that holds when an order was written, in epoch milliseconds: the engine's own time is too coarse. */
export const WRITTEN_AT = 'writtenAt';

/** Creates the table of the example, with a stream of both images, and the walker's state table. */
export async function createTables(dynamodb: DynamoDBClient): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: ORDERS_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'orderId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'orderId', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await dynamodb.send(new CreateTableCommand(stateTableDefinition(STATE_TABLE)));
  for (const TableName of [ORDERS_TABLE, STATE_TABLE]) {
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName });
  }
}

/** Makes one write, with its time inside the item. */
export async function writeOrder(dynamodb: DynamoDBClient, write: OrderWrite, nowMs: number): Promise<void> {
  const TableName = ORDERS_TABLE;
  const Key = marshall({ orderId: write.orderId });
  switch (write.kind) {
    case 'insert': {
      const item = { orderId: write.orderId, ...write.attributes, [WRITTEN_AT]: nowMs };
      await dynamodb.send(new PutItemCommand({ TableName, Item: marshall(item) }));
      return;
    }
    case 'modify':
      await dynamodb.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET #status = :status, #writtenAt = :writtenAt',
          ExpressionAttributeNames: { '#status': 'status', '#writtenAt': WRITTEN_AT },
          ExpressionAttributeValues: marshall({ ':status': write.status, ':writtenAt': nowMs }),
        }),
      );
      return;
    case 'remove':
      await dynamodb.send(new DeleteItemCommand({ TableName, Key }));
  }
}
