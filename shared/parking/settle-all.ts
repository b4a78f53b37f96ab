import type { CallEnd, ParkingGuard, Unsettled } from '../core/parking.ts';
import { parkedItemOf } from '../core/parking-queue.ts';
import type { EventRecord } from '../core/record.ts';

type Call = Parameters<ParkingGuard['settleAll']>[1];

/** What a guard gives to settle many changes with. */
export interface Settling {
  readonly settle: ParkingGuard['settle'];
  readonly callForMany: <T>(call: (end: CallEnd) => Promise<T>) => Promise<T>;
  /** Whether a change's item may be parked. */
  readonly mayWait: (record: EventRecord) => boolean;
}

/**
 * Settles the changes of a function that takes many: all of them in one call, without those whose items may be parked;
 * then, item by item, what is left. So a poisoned item costs the others one call more, and is found.
 */
export async function settleAll(
  { settle, callForMany, mayWait }: Settling,
  records: readonly EventRecord[],
  call: Call,
): Promise<Unsettled | null> {
  const items = Map.groupBy(records.keys(), (place) => parkedItemOf(records[place]!));
  const free = [...items.values()].filter(([first]) => !mayWait(records[first!]!));
  const many = free.flat().sort((a, b) => a - b);
  const left = free.length > 1 ? await leftBy(many, callForMany, call) : new Set(records.keys());
  const tried = new Set(free.length > 1 ? free : []);
  let unsettled: Unsettled | null = null;
  for (const places of items.values()) {
    const from = tried.has(places) ? places.findIndex((place) => left.has(place)) : 0;
    const rest = from < 0 ? [] : places.slice(from);
    if (rest.length === 0 || (unsettled !== null && unsettled.place < rest[0]!)) continue;
    const failed = await settleItem(settle, records, rest, call);
    if (failed !== null && (unsettled === null || failed.place < unsettled.place)) unsettled = failed;
  }
  return unsettled;
}

/** What one call for many items leaves: what it could not settle, or everything when it throws. */
async function leftBy(
  places: readonly number[],
  callForMany: Settling['callForMany'],
  call: Call,
): Promise<ReadonlySet<number>> {
  try {
    return new Set(await callForMany((end) => call(places, end)));
  } catch {
    // Whose fault it was shows when each item is called for by itself; its error is kept then.
    return new Set(places);
  }
}

/** One item's changes: what is not settled in a call begins the next, until all are handled or wait. */
async function settleItem(
  settle: ParkingGuard['settle'],
  records: readonly EventRecord[],
  places: readonly number[],
  call: Call,
): Promise<Unsettled | null> {
  for (let rest = places; rest.length > 0; ) {
    const [place] = rest;
    let settled = 1;
    const callRest = async (end: CallEnd): Promise<void> => {
      const failed = new Set(await call(rest, end));
      const first = rest.findIndex((candidate) => failed.has(candidate));
      if (first === 0) throw new Error('the batch function returned it as failed');
      settled = first < 0 ? rest.length : first;
    };
    try {
      await settle(records[place!]!, callRest);
    } catch (error) {
      return { place: place!, error };
    }
    rest = rest.slice(settled);
  }
  return null;
}
