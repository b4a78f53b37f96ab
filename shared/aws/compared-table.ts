import {
  type AttributeValue,
  BatchGetItemCommand,
  type ConsumedCapacity,
  DescribeTableCommand,
  type DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { attributesAsJson } from '../core/attribute-json.ts';
import { attributeValues } from '../core/attribute-values.ts';
import { backoffMs } from '../core/pacing.ts';
import type { Clock } from '../core/ports.ts';
import type { RawItem } from '../core/record.ts';
import { keyOfItem } from '../core/verify.ts';
import { errorName } from './errors.ts';

export interface ComparedTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
  /** Read units a second that may be taken. @default - no bound */
  readonly readUnitsPerSecond?: number;
}

/** A table as far as a comparison needs it. */
export interface TableFacts {
  /** Names and types of the key's attributes: `id (S)`. */
  readonly key: readonly string[];
  readonly keyNames: readonly string[];
  /** DynamoDB's own count, up to six hours old. */
  readonly itemCount: number;
}

export interface TablePage {
  readonly items: readonly RawItem[];
  /** What the next page goes on after; `null` at the segment's end. */
  readonly next: Record<string, AttributeValue> | null;
}

/** Which page of a scan. */
export interface PageOf {
  readonly segment: number;
  readonly segments: number;
  readonly after: TablePage['next'];
  readonly limit?: number;
  /** Only the key, and these attributes. */
  readonly only?: readonly string[];
}

/** Reads a table to be compared: eventually consistent pages, and items by their keys. */
export interface ComparedTable {
  /** `null`: there is no such table. */
  readonly facts: () => Promise<TableFacts | null>;
  readonly page: (of: PageOf) => Promise<TablePage>;
  /** The items of these keys that are there, by the JSON of their keys. Any number of keys. */
  readonly items: (keys: readonly RawItem[], isConsistent: boolean) => Promise<ReadonlyMap<string, RawItem>>;
}

/** DynamoDB takes so many keys in a BatchGetItem. */
const BATCH = 100;

export function comparedTable({ client, tableName, clock, readUnitsPerSecond }: ComparedTableOptions): ComparedTable {
  let freeAtMs = 0;
  let keyNames: readonly string[] = [];

  /** Waits until what was read before is paid for. */
  const turn = async (): Promise<void> => {
    while (freeAtMs > clock.nowMs()) await clock.sleep(freeAtMs - clock.nowMs());
  };
  const pay = (...consumed: readonly (ConsumedCapacity | undefined)[]): void => {
    if (readUnitsPerSecond === undefined) return;
    const units = consumed.reduce((sum, one) => sum + (one?.CapacityUnits ?? 0), 0);
    freeAtMs = Math.max(clock.nowMs(), freeAtMs) + (units / readUnitsPerSecond) * 1_000;
  };

  const batch = async (keys: readonly RawItem[], isConsistent: boolean): Promise<readonly RawItem[]> => {
    const found: RawItem[] = [];
    let asked = keys.map(attributeValues) as Record<string, AttributeValue>[];
    for (let attempt = 0; asked.length > 0; attempt++) {
      if (attempt > 0) await clock.sleep(backoffMs(attempt, 50, 5_000, Math.random));
      await turn();
      const answer = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: asked, ConsistentRead: isConsistent } },
          ReturnConsumedCapacity: 'TOTAL',
        }),
      );
      pay(...(answer.ConsumedCapacity ?? []));
      found.push(...(answer.Responses?.[tableName] ?? []).map(attributesAsJson));
      asked = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return found;
  };

  return {
    facts: async () => {
      try {
        const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
        const types = new Map(table?.AttributeDefinitions?.map((one) => [one.AttributeName, one.AttributeType]));
        keyNames = (table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName ?? '');
        const key = keyNames.map((name) => `${name} (${types.get(name)})`);
        return { key, keyNames, itemCount: table?.ItemCount ?? 0 };
      } catch (error) {
        if (errorName(error) === 'ResourceNotFoundException') return null;
        throw error;
      }
    },
    page: async ({ segment, segments, after, limit, only }) => {
      await turn();
      const names = only && [...keyNames, ...only];
      const answer = await client.send(
        new ScanCommand({
          TableName: tableName,
          Segment: segment,
          TotalSegments: segments,
          ReturnConsumedCapacity: 'TOTAL',
          ...(after && { ExclusiveStartKey: after }),
          ...(limit !== undefined && { Limit: limit }),
          ...(names && {
            ProjectionExpression: names.map((_, index) => `#${index}`).join(),
            ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
          }),
        }),
      );
      pay(answer.ConsumedCapacity);
      return { items: (answer.Items ?? []).map(attributesAsJson), next: answer.LastEvaluatedKey ?? null };
    },
    items: async (keys, isConsistent) => {
      const found = new Map<string, RawItem>();
      for (let from = 0; from < keys.length; from += BATCH) {
        for (const item of await batch(keys.slice(from, from + BATCH), isConsistent)) {
          found.set(JSON.stringify(keyOfItem(item, keyNames)), item);
        }
      }
      return found;
    },
  };
}
