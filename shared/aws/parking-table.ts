import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../core/errors.ts';
import type { Marker, ParkedChange, ParkingStore } from '../core/parking.ts';
import * as row from '../core/parking-row.ts';
import { errorMessage, refusedWrite } from './errors.ts';

export interface ParkingTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Whose parked changes they are. */
  readonly subscription: string;
  /** Names the chunks of one payload, and each transaction. @default random UUIDs */
  readonly newId?: () => string;
}

/** A payload up to here is in the change's own row, whose write is a transaction and costs its size twice. */
const LARGEST_INLINE = 64 * 1024;
/** An item holds 400 KB, its keys included. */
const CHUNK_BYTES = 350 * 1024;

/** Keeps the parked changes of a subscription in a DynamoDB table that has the keys of `parkingTableDefinition`. */
export function parkingTableStore(options: ParkingTableOptions): ParkingStore {
  const { client, tableName: TableName, subscription, newId = randomUUID } = options;
  /** The chunks of the changes that were read: they go when the change is settled. */
  const chunksRead = new WeakMap<ParkedChange, readonly row.ParkingItem[]>();

  const named = async <T>(sent: Promise<T>): Promise<T> => {
    try {
      return await sent;
    } catch (cause) {
      if (refusedWrite(cause) !== null) throw cause;
      throw new Error(`the parking table ${TableName} cannot be used: ${errorMessage(cause)}`, { cause });
    }
  };
  const get = async (Key: row.ParkingItem): Promise<row.ParkingItem | undefined> =>
    (await named(client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true })))).Item;
  const query = (input: Partial<QueryCommandInput>) =>
    named(client.send(new QueryCommand({ TableName, ConsistentRead: true, ...input })));
  const removeAll = (keys: readonly row.ParkingItem[]) =>
    // What is left behind belongs to nothing and does no harm; the change is settled already.
    Promise.allSettled(keys.map((Key) => client.send(new DeleteItemCommand({ TableName, Key }))));

  /** False when the condition does not hold, or another write of the same rows was in the way. */
  const conditional = async (sent: Promise<unknown>, isOwn = (_found: row.ParkingItem) => false): Promise<boolean> => {
    try {
      await named(sent);
      return true;
    } catch (error) {
      const refused = refusedWrite(error);
      if (refused === null) throw error;
      return refused.by === 'condition' && refused.item !== null && isOwn(refused.item);
    }
  };
  /** The token lets the SDK repeat a transaction whose answer was lost, and be told what the first came to. */
  const transaction = (...TransactItems: readonly TransactWriteItem[]): Promise<boolean> => {
    const input = { TransactItems: [...TransactItems], ClientRequestToken: newId() };
    return conditional(client.send(new TransactWriteItemsCommand(input)));
  };
  const keyOf = (item: string): row.ParkingItem => row.markerKey(subscription, hash(item));
  const markerPut = (previous: Marker | null, next: Marker) => ({
    TableName,
    Item: { ...keyOf(next.item), ...row.markerItem(next) },
    ...row.asRead(previous),
  });

  const chunkRows = async (queue: string, prefix: string): Promise<readonly row.ParkingItem[]> => {
    const items: row.ParkingItem[] = [];
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page = await query({
        KeyConditionExpression: 'pk = :pk and begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: row.queuePartition(subscription, queue) }, ':prefix': { S: prefix } },
        ExclusiveStartKey,
      });
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items;
  };

  /** Large payloads are in the table before the transaction that names them. */
  const stored = async (queue: string, { number, record }: ParkedChange): Promise<row.Payload> => {
    const bytes = packed(JSON.stringify(record));
    if (bytes.length <= LARGEST_INLINE) return bytes;
    const payload = { chunks: Math.ceil(bytes.length / CHUNK_BYTES), write: newId() };
    for (let index = 0; index < payload.chunks; index += 1) {
      const B = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
      const Item = { ...row.chunkKey(subscription, queue, number, payload, index), bytes: { B } };
      await named(client.send(new PutItemCommand({ TableName, Item })));
    }
    return payload;
  };

  return {
    markers: async (limit, from) => {
      const { Items = [], LastEvaluatedKey } = await query({
        Limit: limit,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: row.markerPartition(subscription) } },
        ...(from !== null && { ExclusiveStartKey: row.markerKey(subscription, from) }),
      });
      return { markers: Items.map(row.markerOf), next: LastEvaluatedKey?.sk?.S ?? null };
    },
    marker: async (item) => {
      const found = await get(keyOf(item));
      return found ? row.markerOf(found) : null;
    },
    holds: async ({ queue }, eventId) => (await get(row.eventKey(subscription, queue, eventId))) !== undefined,
    change: async ({ queue }, number) => {
      const found = await get(row.changeKey(subscription, queue, number));
      if (!found) return null;
      const { change, payload } = row.storedChange(found);
      if (payload instanceof Uint8Array) return row.parkedChange(change, unpacked(payload, number));
      const chunks = await chunkRows(queue, row.chunkPrefix(number, payload));
      if (chunks.length !== payload.chunks) {
        throw new MillraceError(
          'invalid-state',
          `parked change ${number} must have ${payload.chunks} chunks in the parking table, got ${chunks.length}`,
        );
      }
      const bytes = Buffer.concat(chunks.map(({ bytes }) => bytes?.B ?? new Uint8Array()));
      const parked = row.parkedChange(change, unpacked(bytes, number));
      chunksRead.set(parked, chunks.map(row.keyOfRow));
      return parked;
    },
    park: async (previous, next, change) => {
      const payload = await stored(next.queue, change);
      return transaction(
        { Put: markerPut(previous, next) },
        { Put: { TableName, Item: row.changeItem(subscription, next.queue, change, payload) } },
        { Put: { TableName, Item: row.eventItem(subscription, next.queue, change) } },
      );
    },
    update: (previous, next) => {
      const put = { ...markerPut(previous, next), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
      // The SDK repeats a write whose answer was lost, and finds what it wrote; markers of two holders always differ.
      const isOwn = (found: row.ParkingItem) => isDeepStrictEqual(found.marker, row.markerValue(next));
      return conditional(client.send(new PutItemCommand(put)), isOwn);
    },
    settle: async (previous, next, change) => {
      const { queue } = previous;
      const isSettled = await transaction(
        next === null
          ? { Delete: { TableName, Key: keyOf(previous.item), ...row.asRead(previous) } }
          : { Put: markerPut(previous, next) },
        { Delete: { TableName, Key: row.changeKey(subscription, queue, change.number) } },
        { Delete: { TableName, Key: row.eventKey(subscription, queue, change.record.eventID) } },
      );
      if (!isSettled) return false;
      // With the queue go chunks that were written by whoever died before naming them.
      const chunks = next === null ? (await chunkRows(queue, row.CHUNKS)).map(row.keyOfRow) : chunksRead.get(change);
      await removeAll(chunks ?? []);
      return true;
    },
  };
}

const hash = (item: string): string => createHash('sha256').update(item).digest('base64url');

/** Level 5 of 11: records are JSON full of repetition, and a function's time is dear. */
const packed = (json: string): Uint8Array =>
  brotliCompressSync(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });

function unpacked(bytes: Uint8Array, number: number): string {
  try {
    return brotliDecompressSync(bytes).toString('utf8');
  } catch (cause) {
    throw new MillraceError('invalid-state', `the payload of parked change ${number} cannot be unpacked`, { cause });
  }
}
