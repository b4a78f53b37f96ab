import { isDeepStrictEqual } from 'node:util';
import { type DecodedItem, decodeItem } from '../core/decode.ts';
import { MillraceError } from '../core/errors.ts';
import type { ChangeEvent, EventRecord } from '../core/record.ts';
import type { InvocationContext } from '../handler/context.ts';
import { type EventOptions, eventOf, type FeedDraft, insertOf, modifyOf, removeOf } from './builders.ts';
import { encodeItem } from './encode.ts';
import { runHandler } from './run-handler.ts';

export interface SimulatedTableOptions extends Pick<EventOptions, 'tableName' | 'region' | 'viewType' | 'run'> {
  /** The names of the key attributes. */
  readonly keys: readonly string[];
}

export interface TableDelivery {
  readonly settled: readonly EventRecord[];
  /** What is sent again by the next delivery: from the change that failed on. */
  readonly retried: readonly EventRecord[];
  /** What the handler threw last; `undefined` when it did not. */
  readonly error: unknown;
}

/** A table with a stream, in memory: its writes become changes, with old images and sequence numbers. */
export interface SimulatedTable<Item extends object> {
  /** Writes an item. One that is the same as before makes no change, as in DynamoDB. */
  readonly put: (item: Item) => void;
  /** Deletes an item, by its time to live if `expired`. One that is not there makes no change. */
  readonly remove: (key: Partial<Item>, options?: { readonly expired?: boolean }) => void;
  /**
   * Hands over what was written and is not settled, in batches of at most 100 changes (or `batchSize`), as a mapping
   * does: what a batch leaves comes again. Stops when a batch settles nothing.
   */
  readonly deliverTo: (
    handler: (event: ChangeEvent, context: InvocationContext) => unknown,
    options?: { readonly batchSize?: number },
  ) => Promise<TableDelivery>;
}

const FIRST = 10n ** 20n;

/** @throws MillraceError `invalid-request` when an item or a key lacks a key attribute, or cannot be stored. */
export function simulatedTable<Item extends object>(options: SimulatedTableOptions): SimulatedTable<Item> {
  const items = new Map<string, DecodedItem>();
  const changes: FeedDraft[] = [];
  let settledCount = 0;

  const idOf = (item: object): string => {
    const encoded = encodeItem(item);
    const missing = options.keys.find((name) => !Object.hasOwn(encoded, name));
    if (missing === undefined) return JSON.stringify(options.keys.map((name) => encoded[name]));
    const given = Object.keys(encoded).join(', ');
    throw new MillraceError('invalid-request', `an item must have the key attribute ${missing}, got ${given}`);
  };
  const eventFrom = (from: number, count: number): ChangeEvent =>
    eventOf(changes.slice(from, from + count), {
      ...options,
      firstSequenceNumber: FIRST + BigInt(from) * 100n,
      from: new Date(Date.UTC(2026, 0, 1) + from * 1000),
    });

  return {
    put: (item) => {
      const id = idOf(item);
      const before = items.get(id);
      if (before !== undefined && isDeepStrictEqual(encodeItem(before), encodeItem(item))) return;
      // As it would be read: what is done to the item afterwards changes nothing that was written.
      const copy = decodeItem(encodeItem(item));
      items.set(id, copy);
      changes.push(before === undefined ? insertOf(copy) : modifyOf(before, copy));
    },
    remove: (key, how) => {
      const before = items.get(idOf(key));
      if (before === undefined) return;
      items.delete(idOf(key));
      changes.push(removeOf(before, how));
    },
    deliverTo: async (handler, { batchSize = 100 } = {}) => {
      const settled: EventRecord[] = [];
      for (;;) {
        const event = eventFrom(settledCount, batchSize);
        if (event.Records.length === 0) return { settled, retried: [], error: undefined };
        const run = await runHandler(handler, event);
        settled.push(...run.settled);
        settledCount += run.settled.length;
        if (run.settled.length === 0) {
          return { settled, retried: eventFrom(settledCount, changes.length).Records, error: run.error };
        }
      }
    },
  };
}
