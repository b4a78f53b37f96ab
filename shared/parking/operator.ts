import type { Marker, ParkingPorts, ParkingStore } from '../core/parking.ts';
import { released, waitingIn } from '../core/parking-queue.ts';
import type { EventRecord } from '../core/record.ts';
import { allMarkers } from './all-markers.ts';
import { holdQueue } from './held-queue.ts';

/** A parked item as an operator sees it. */
export interface ParkedItem {
  /** Its table and key, as `redriveEvent` and `discardParked` take it. */
  readonly item: string;
  /** How many changes wait. */
  readonly changes: number;
  /** When its first change was parked. */
  readonly parkedAtMs: number;
  /** Why its oldest change failed last, in one line. */
  readonly error: string;
  /** How often a redrive of its oldest change has failed. */
  readonly failedRedrives: number;
  /** Until when a redrive, or a call that outlasted its time, holds it; `null`: nobody does. */
  readonly heldUntilMs: number | null;
}

/** Every parked item. */
export const parkedItems = async (store: ParkingStore): Promise<readonly ParkedItem[]> =>
  (await allMarkers(store)).map(parkedItem);

const parkedItem = (marker: Marker): ParkedItem => ({
  item: marker.item,
  changes: waitingIn(marker),
  parkedAtMs: marker.parkedAtMs,
  error: marker.error,
  failedRedrives: marker.failedRedrives,
  heldUntilMs: marker.lease?.untilMs ?? null,
});

export type Discarded =
  | { readonly kind: 'discarded'; readonly changes: number; readonly isFree: boolean }
  /** A redrive, or a call that outlasted its time, holds it. */
  | { readonly kind: 'held' }
  | { readonly kind: 'not-parked' };

/** How long one step may take: then a redrive may take the queue, and the discarding stops. */
const STEP_MS = 60_000;

/**
 * Drops the changes of a parked item that wait now, oldest first; those that arrive meanwhile stay.
 *
 * @param most at most so many, such as 1 for the oldest alone. @param discarding told of every change before it is gone.
 */
export async function discardParked(
  ports: ParkingPorts,
  item: string,
  most = Number.POSITIVE_INFINITY,
  discarding: (record: EventRecord) => void = () => undefined,
): Promise<Discarded> {
  const { store, clock, newId } = ports;
  if ((await store.marker(item)) === null) return { kind: 'not-parked' };
  const queue = await holdQueue(ports, item, newId(), () => clock.nowMs() + STEP_MS);
  if (queue === null) return { kind: 'held' };
  const planned = Math.min(most, waitingIn(queue.marker()));
  for (let changes = 0; changes < planned; changes += 1) {
    const change = await queue.oldest();
    discarding(change.record);
    if (!(await queue.settle(change))) return { kind: 'discarded', changes: changes + 1, isFree: true };
  }
  await queue.write(released);
  return { kind: 'discarded', changes: planned, isFree: false };
}
