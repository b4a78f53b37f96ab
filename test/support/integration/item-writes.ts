import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { EventRecord, RawItem } from '../../../shared/core/record.ts';

/** Which changes to write: each of the items is changed once a round, and a round begins when the last has ended. */
export interface ItemWrites {
  readonly items: number;
  /** The first round; items of different writes go on where they were when their rounds do. */
  readonly fromRound: number;
  readonly rounds: number;
  /** How many requests are under way at once. @default 4 */
  readonly inFlight?: number;
  /** Waits between two rounds. */
  readonly pause?: () => Promise<void>;
}

/** BatchWriteItem's most. */
const ITEMS_A_REQUEST = 25;
/** Every fifth round removes the items, so that the next inserts them anew. */
const REMOVED_EVERY = 5;

/** Writes `items * rounds` changes, each carrying its round as the item's attribute `n`; returns how many there were. */
export async function writeItems(dynamodb: DynamoDBClient, tableName: string, writes: ItemWrites): Promise<number> {
  const { items, fromRound, rounds, inFlight = 4, pause } = writes;
  for (let round = fromRound; round < fromRound + rounds; round++) {
    const requests = requestsOf(round, items).values();
    const lane = async (): Promise<void> => {
      for (const request of requests) await send(dynamodb, tableName, request);
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    await pause?.();
  }
  return items * rounds;
}

function requestsOf(round: number, items: number): readonly (readonly WriteRequest[])[] {
  const isRemoval = round % REMOVED_EVERY === REMOVED_EVERY - 1;
  const writes = Array.from({ length: items }, (_, item): WriteRequest => {
    const id = itemId(item);
    return isRemoval
      ? { DeleteRequest: { Key: marshall({ id }) } }
      : { PutRequest: { Item: marshall({ id, n: round }) } };
  });
  return Array.from({ length: Math.ceil(items / ITEMS_A_REQUEST) }, (_, part) =>
    writes.slice(part * ITEMS_A_REQUEST, (part + 1) * ITEMS_A_REQUEST),
  );
}

/** Repeats what the engine left unwritten, before the item's next change is written. */
async function send(dynamodb: DynamoDBClient, tableName: string, requests: readonly WriteRequest[]): Promise<void> {
  let rest: WriteRequest[] = [...requests];
  while (rest.length > 0) {
    const answer = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: rest } }));
    rest = answer.UnprocessedItems?.[tableName] ?? [];
  }
}

const itemId = (item: number): string => `item-${item}`;

/** The round of a change that `writeItems` made, and its item. A removal follows the round of its old image. */
export function writtenBy(record: EventRecord): { readonly item: string; readonly round: number } {
  const { Keys: keys, NewImage: image, ...dynamodb } = record.dynamodb;
  const item = text(keys, 'id', 'S');
  if (image !== undefined) return { item, round: Number(text(image, 'n', 'N')) };
  const old = 'OldImage' in dynamodb ? dynamodb.OldImage : undefined;
  return { item, round: Number(text(old, 'n', 'N')) + 1 };
}

function text(item: RawItem | undefined, name: string, type: 'S' | 'N'): string {
  const value = Object.entries(item?.[name] ?? {}).find(([key]) => key === type)?.[1];
  if (typeof value !== 'string') throw new Error(`no ${name} of type ${type} in ${JSON.stringify(item)}`);
  return value;
}
