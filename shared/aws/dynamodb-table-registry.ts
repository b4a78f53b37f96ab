import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { TableRegistry } from '../core/table-ports.ts';
import { type RegistryRow, registryItem, registryPartition, registryRow } from '../core/table-row.ts';
import { refusedWrite } from './errors.ts';

export interface TableRegistryOptions {
  readonly client: DynamoDBClient;
  /** The state table. */
  readonly tableName: string;
}

/** Keeps what patterns have found in the state table. */
export function dynamodbTableRegistry({ client, tableName: TableName }: TableRegistryOptions): TableRegistry {
  return {
    rows: async (subscription) => {
      const input = {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: registryPartition(subscription) } },
      };
      const rows: RegistryRow[] = [];
      for await (const page of paginateQuery({ client }, input)) rows.push(...(page.Items ?? []).map(registryRow));
      return rows;
    },
    put: async (subscription, next, revision) => {
      const Item = registryItem(subscription, next);
      const condition =
        revision === null
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'revision = :revision',
              ExpressionAttributeValues: { ':revision': { N: String(revision) } },
            };
      const options = { ...condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
      try {
        await client.send(new PutItemCommand({ TableName, Item, ...options }));
        return true;
      } catch (error) {
        const refused = refusedWrite(error);
        if (refused?.by !== 'condition') throw error;
        // The SDK repeats a call whose answer was lost: then the row is there already.
        return isDeepStrictEqual(refused.item, Item);
      }
    },
  };
}
