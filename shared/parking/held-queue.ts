import type { Marker, ParkedChange, ParkingPorts } from '../core/parking.ts';
import { advancedTo, leasedBy } from '../core/parking-queue.ts';

/** The queue of one item while one redrive, or one operator, holds it. */
export interface HeldQueue {
  /** The marker as it was read or written last. */
  readonly marker: () => Marker;
  /** The oldest change that waits. */
  readonly oldest: () => Promise<ParkedChange>;
  /** Removes the oldest change. False when it was the last one, and the item is free. */
  readonly settle: (change: ParkedChange) => Promise<boolean>;
  /** Writes the marker that this makes of the current one. */
  readonly write: (next: (marker: Marker) => Marker) => Promise<void>;
}

/** Somebody else holds the queue now, or has freed the item: whoever finds out stops at once. */
export class QueueLost extends Error {
  override readonly name = 'QueueLost';
}

const MOST_CONFLICTS = 50;

/**
 * Takes the lease on an item's queue; `null` when another has it or nothing waits.
 *
 * Every step of the queue extends the lease to `untilMs()`. Whatever the holder does between two steps must end before,
 * so that whoever comes later finds nothing of it still running.
 */
export async function holdQueue(
  ports: ParkingPorts,
  item: string,
  owner: string,
  untilMs: () => number,
): Promise<HeldQueue | null> {
  const { store, clock, random } = ports;
  const pause = (conflicts: number) => clock.sleep(random() * Math.min(1_000, 10 * 2 ** conflicts));
  const first = await lease();
  if (first === null) return null;
  let current: Marker = first;
  /** The change that was read last: a change that waits never differs from what was parked. */
  let known: ParkedChange | null = null;

  async function lease(): Promise<Marker | null> {
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
      const marker = await store.marker(item);
      const next = marker && leasedBy(marker, owner, clock.nowMs(), untilMs());
      if (marker === null || next === null) return null;
      if (await store.update(marker, next)) return next;
      await pause(conflicts);
    }
    return null;
  }

  /** Writes until no change that arrives comes in between. `null` frees the item. */
  async function writing(attempt: () => Promise<{ readonly marker: Marker | null } | null>): Promise<Marker | null> {
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
      const written = await attempt();
      if (written !== null) return written.marker;
      const marker = await store.marker(item);
      if (marker?.lease?.owner !== owner || marker.queue !== current.queue) {
        throw new QueueLost(`the queue of ${item} is held by another, or the item is free`);
      }
      current = marker;
      await pause(conflicts);
    }
    throw new Error(`the queue of ${item} changed ${MOST_CONFLICTS} times while it was to be written`);
  }

  async function changeAt(number: number): Promise<ParkedChange> {
    if (known?.number === number) return known;
    known = await store.change(current, number);
    if (known !== null) return known;
    // It is named by the marker, so it is there, unless the marker is no longer what was read.
    const marker = await store.marker(item);
    if (marker?.queue === current.queue && marker.lease?.owner === owner && marker.head <= number) {
      throw new Error(`change ${number} of the queue of ${item} is missing in the parking table`);
    }
    throw new QueueLost(`the queue of ${item} is held by another, or the item is free`);
  }

  return {
    marker: () => current,
    oldest: () => changeAt(current.head),
    settle: async (change) => {
      const marker = await writing(async () => {
        const isLast = current.next === change.number + 1;
        const advanced = advancedTo(current, isLast ? null : await changeAt(change.number + 1));
        const next = advanced && { ...advanced, lease: { owner, untilMs: untilMs() } };
        return (await store.settle(current, next, change)) ? { marker: next } : null;
      });
      if (marker !== null) current = marker;
      return marker !== null;
    },
    write: async (next) => {
      const marker = await writing(async () => {
        const made = next(current);
        return (await store.update(current, made)) ? { marker: made } : null;
      });
      if (marker !== null) current = marker;
    },
  };
}
