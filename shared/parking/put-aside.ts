import type { Marker, ParkingPorts } from '../core/parking.ts';
import { type Arrival, arrivalAt, begunBy, joinedBy, lastOf, waitingIn } from '../core/parking-queue.ts';

/** What became of a change that was to wait. */
export type Aside =
  /** It waits now, as one of so many. */
  | { readonly kind: 'parked'; readonly waiting: number }
  /** It came again: it waits already, or was settled before the oldest that waits. */
  | { readonly kind: 'known'; readonly reason: 'waits' | 'handled' }
  /** Nothing of its item waits, so that there is no queue to put it behind. */
  | { readonly kind: 'free' };

const MOST_CONFLICTS = 20;

/**
 * Puts a change at the end of its item's queue, unless it was there before. A change that has failed begins a queue
 * where there is none.
 *
 * Dying after any of the waits leaves the queue with the change or without it, never with half of it: the change comes
 * again, and is found in the queue or put there then.
 */
export async function putAside(
  { store, clock, newId, random }: ParkingPorts,
  arrival: Arrival,
  lease: Marker['lease'] = null,
): Promise<Aside> {
  for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
    const marker = await store.marker(arrival.item);
    if (marker === null && arrival.error === null) return { kind: 'free' };
    if (marker !== null) {
      if (arrivalAt(marker, arrival.record) === 'handled') return { kind: 'known', reason: 'handled' };
      if (await store.holds(marker, arrival.record.eventID)) return { kind: 'known', reason: 'waits' };
    }
    const next = marker === null ? begunBy(arrival, newId(), lease) : joinedBy(marker);
    if (await store.park(marker, next, lastOf(next, arrival))) return { kind: 'parked', waiting: waitingIn(next) };
    await clock.sleep(random() * Math.min(1_000, 10 * 2 ** conflicts));
  }
  throw new Error(`the queue of ${arrival.item} changed ${MOST_CONFLICTS} times while a change was to be put into it`);
}
