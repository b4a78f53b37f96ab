import { styleText } from 'node:util';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbState } from '../shared/aws/dynamodb-state.ts';
import type { LagLevel } from '../shared/core/shard-map.ts';
import { shardMapText } from '../shared/core/shard-map-text.ts';
import { currentShardMap } from '../shared/current-shard-map.ts';
import { STATE_TABLE } from './orders-table.ts';

const COLOURS = ['green', 'yellow', 'yellow', 'red', 'red'] as const;

/** The shards of a local subscription as its state table tells them, in colour where `stream` is a terminal. */
export async function shardsPicture(
  dynamodb: DynamoDBClient,
  subscription: string,
  nowMs: number,
  stream: NodeJS.WritableStream,
): Promise<string> {
  const state = dynamodbState({ client: dynamodb, tableName: STATE_TABLE });
  const map = await currentShardMap(subscription, state, nowMs);
  const paint = (level: LagLevel, line: string): string => styleText(COLOURS[level], line, { stream });
  return map === null ? 'no shards were found' : shardMapText(map, { paint });
}
