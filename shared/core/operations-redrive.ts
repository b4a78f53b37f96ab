import { itemOf } from './change.ts';
import type { ChangeEvent, EventRecord } from './record.ts';

/** A batch of an on-failure bucket. */
export interface GivenUpBatch {
  readonly event: ChangeEvent;
  /** The event as it was, to be sent again as it is. */
  readonly payload: string;
  /** The items that it is about. */
  readonly items: readonly string[];
}

/** Reads an object of an on-failure bucket; `null` when it is none that carries its event. */
export function givenUpBatch(text: string): GivenUpBatch | null {
  try {
    const { payload } = JSON.parse(text) as { readonly payload?: unknown };
    const event = (typeof payload === 'string' ? JSON.parse(payload) : null) as ChangeEvent | null;
    if (typeof payload !== 'string' || !Array.isArray(event?.Records)) return null;
    return { event, payload, items: itemsOf(event.Records) };
  } catch {
    return null;
  }
}

/**
 * The items that wait from now on, after a batch was sent again: those of its first unsettled record and of all behind
 * it. `response` is what the handler answered; `null` when it failed as a whole.
 */
export function itemsLeft({ event }: GivenUpBatch, response: unknown | null): readonly string[] {
  const failed = failures(response);
  if (failed === null) return itemsOf(event.Records);
  const first = event.Records.findIndex((record) => failed.has(record.dynamodb.SequenceNumber));
  if (failed.size === 0) return [];
  return itemsOf(event.Records.slice(Math.max(0, first)));
}

function failures(response: unknown): ReadonlySet<unknown> | null {
  if (response === null || typeof response !== 'object') return null;
  const list = 'batchItemFailures' in response ? response.batchItemFailures : [];
  if (!Array.isArray(list)) return new Set();
  return new Set(list.map((failure: { readonly itemIdentifier?: unknown } | null) => failure?.itemIdentifier));
}

const itemsOf = (records: readonly EventRecord[]): readonly string[] => [
  ...new Set(records.map((record) => itemOf(record) ?? record.eventID)),
];
