import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { controlPartition, STATE_TABLE_KEYS } from '../core/state-row.ts';

export interface StateSubscriptionsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * The names of all subscriptions that a state table holds, in alphabetical order.
 *
 * Reads the whole table, a few rows for each shard: for a person who asks, not for a walk.
 */
export async function stateSubscriptions({ client, tableName }: StateSubscriptionsOptions): Promise<readonly string[]> {
  const prefix = controlPartition('');
  const input = {
    TableName: tableName,
    ConsistentRead: true,
    ProjectionExpression: '#pk',
    FilterExpression: '#sk = :pointer AND begins_with(#pk, :prefix)',
    ExpressionAttributeNames: { '#pk': STATE_TABLE_KEYS.partition, '#sk': STATE_TABLE_KEYS.sort },
    ExpressionAttributeValues: { ':pointer': { S: 'pointer' }, ':prefix': { S: prefix } },
  };
  const names: string[] = [];
  for await (const page of paginateScan({ client }, input)) {
    for (const item of page.Items ?? []) {
      const partition = item[STATE_TABLE_KEYS.partition]?.S;
      if (partition !== undefined) names.push(decodeURIComponent(partition.slice(prefix.length)));
    }
  }
  return names.sort();
}
