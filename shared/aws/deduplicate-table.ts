import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DEDUPLICATE_TABLE_KEYS, type Newest, type NewestStore } from '../core/deduplicate.ts';
import { MillraceError } from '../core/errors.ts';
import { errorMessage, refusedWrite } from './errors.ts';

export interface DeduplicateTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Whose changes they are: subscriptions on one stream do not see each other's. */
  readonly subscription: string;
  /** How long a row is kept after its item's last change, in milliseconds: the stream's retention, and a day more. */
  readonly keepMs: number;
  readonly nowMs: () => number;
}

const { partition, expiresAt } = DEDUPLICATE_TABLE_KEYS;
/** BatchGetItem's most. */
const KEYS_A_CALL = 100;
const CALLS_IN_FLIGHT = 4;
/** What a batch leaves unread is asked for again after 25, 50, 100 ... 1600 ms. */
const MOST_REPEATS = 7;

type Row = Readonly<Record<string, AttributeValue>>;

/** Keeps the newest change of each item in a DynamoDB table that has the key of `deduplicateTableDefinition`. */
export function deduplicateTableStore(options: DeduplicateTableOptions): NewestStore {
  const { client, tableName, subscription, keepMs, nowMs } = options;
  /** Items' names may be longer than a key. */
  const keyOf = (item: string): string =>
    `${encodeURIComponent(subscription)}#${createHash('sha256').update(item).digest('base64url')}`;

  const readSome = async (keys: readonly string[]): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    let asked: Row[] = keys.map((key) => ({ [partition]: { S: key } }));
    for (let repeats = 0; asked.length > 0; repeats += 1) {
      if (repeats > MOST_REPEATS) throw new Error(`${asked.length} items were left unread ${repeats} times`);
      if (repeats > 0) await sleep(25 * 2 ** (repeats - 1));
      const request = { [tableName]: { Keys: asked, ConsistentRead: true } };
      const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems: request }));
      rows.push(...(Responses?.[tableName] ?? []));
      asked = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return rows;
  };

  return {
    read: async (items) => {
      const itemOf = new Map(items.map((item) => [keyOf(item), item]));
      const found = new Map<string, Newest>();
      const waiting = chunks([...itemOf.keys()], KEYS_A_CALL);
      const work = async (): Promise<void> => {
        for (let keys = waiting.shift(); keys !== undefined; keys = waiting.shift()) {
          for (const row of await readSome(keys)) {
            const item = itemOf.get(row[partition]?.S ?? '');
            if (item !== undefined) found.set(item, newestIn(row));
          }
        }
      };
      await named(tableName, Promise.all(Array.from({ length: CALLS_IN_FLIGHT }, work)));
      return found;
    },

    keep: async (item, { micros, eventIds }) => {
      const put = new PutItemCommand({
        TableName: tableName,
        Item: {
          [partition]: { S: keyOf(item) },
          micros: { N: String(micros) },
          eventIds: { L: eventIds.map((S) => ({ S })) },
          [expiresAt]: { N: String(Math.ceil((nowMs() + keepMs) / 1000)) },
        },
        ConditionExpression: 'attribute_not_exists(micros) OR micros <= :micros',
        ExpressionAttributeValues: { ':micros': { N: String(micros) } },
      });
      await named(
        tableName,
        client.send(put).catch((error: unknown) => {
          // Something newer is kept by now: another shard was faster, while a reshard moved the item.
          if (refusedWrite(error)?.by !== 'condition') throw error;
        }),
      );
    },
  };
}

function newestIn(row: Row): Newest {
  const micros = Number(row.micros?.N);
  const eventIds = row.eventIds?.L?.map(({ S }) => S);
  if (Number.isSafeInteger(micros) && eventIds?.every((id) => id !== undefined)) return { micros, eventIds };
  throw new MillraceError(
    'invalid-state',
    `a row of the table for deduplication must have micros and eventIds, got ${JSON.stringify(row).slice(0, 200)}`,
  );
}

async function named<T>(tableName: string, sent: Promise<T>): Promise<T> {
  try {
    return await sent;
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw new Error(`the table ${tableName} for deduplication cannot be used: ${errorMessage(cause)}`, { cause });
  }
}

const chunks = (keys: readonly string[], size: number): (readonly string[])[] =>
  Array.from({ length: Math.ceil(keys.length / size) }, (_, index) => keys.slice(index * size, (index + 1) * size));
