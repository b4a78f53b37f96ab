/** How fast a table may be scanned, and what the last page has taught of its items. */
export interface ReadCapacity {
  readonly unitsPerSecond: number;
  /** When what was read is paid for (epoch milliseconds). */
  readonly freeAtMs: number;
  /** What an item of the last page cost; of the first it is not known. */
  readonly unitsPerItem: number;
}

/** An item has 400 KB at most, and a unit reads 4 KB. */
const MOST_UNITS_PER_ITEM = 100;

/** A page has a megabyte at most. */
const MOST_UNITS_PER_PAGE = 256;

/** What was not used is kept for a second: whoever waits looks only now and then. */
const CREDIT_MS = 1_000;

export const readCapacity = (unitsPerSecond: number): ReadCapacity => ({
  unitsPerSecond,
  freeAtMs: 0,
  unitsPerItem: MOST_UNITS_PER_ITEM,
});

export type PageTurn =
  | { readonly kind: 'wait'; readonly ms: number }
  /** So many items may be read now, for which so many units are booked. */
  | { readonly kind: 'page'; readonly limit: number; readonly booked: number; readonly next: ReadCapacity };

/** Whether a page may be read now: of about as many items as a second pays for, one at least. */
export function takePage(capacity: ReadCapacity, nowMs: number): PageTurn {
  const { unitsPerSecond, freeAtMs, unitsPerItem } = capacity;
  if (freeAtMs > nowMs) return { kind: 'wait', ms: Math.ceil(freeAtMs - nowMs) };
  const limit = Math.max(1, Math.floor(unitsPerSecond / unitsPerItem));
  const booked = Math.min(limit * unitsPerItem, MOST_UNITS_PER_PAGE);
  const fromMs = Math.max(freeAtMs, nowMs - CREDIT_MS);
  return { kind: 'page', limit, booked, next: { ...capacity, freeAtMs: fromMs + msFor(booked, unitsPerSecond) } };
}

/** A page was read: it cost so many units instead of those that were booked. */
export function payPage(capacity: ReadCapacity, booked: number, units: number, items: number): ReadCapacity {
  return {
    ...capacity,
    freeAtMs: capacity.freeAtMs + msFor(units - booked, capacity.unitsPerSecond),
    unitsPerItem: items > 0 && units > 0 ? units / items : capacity.unitsPerItem,
  };
}

const msFor = (units: number, unitsPerSecond: number): number => (units / unitsPerSecond) * 1_000;
