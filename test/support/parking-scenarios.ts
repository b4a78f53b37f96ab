import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Marker, ParkedChange, ParkingStore } from '../../shared/core/parking.ts';
import { advancedTo, begunBy, failedAgain, joinedBy, lastOf, leasedBy } from '../../shared/core/parking-queue.ts';
import type { EventRecord } from '../../shared/core/record.ts';
import { eventOf, insertOf } from '../../shared/testing/index.ts';

let count = 0;
let queues = 0;

/** A record of an item that no other test parks. */
export function aRecord(item: object = { id: 'a' }): EventRecord {
  count += 1;
  return eventOf([insertOf(item)], { firstSequenceNumber: 10n ** 20n + BigInt(count) }).Records[0]!;
}

const arrival = (item: string, record: EventRecord = aRecord(), error: string | null = 'Error: poison') => ({
  item,
  record,
  error,
  nowMs: 1_000,
});

/** Parks a change as the first of an item. */
async function begin(store: ParkingStore, item: string, record = aRecord()) {
  const marker = begunBy(arrival(item, record), `queue-${item}-${++queues}`, null);
  const change = lastOf(marker, arrival(item, record));
  expect(await store.park(null, marker, change)).toBe(true);
  return { marker, change };
}

/** Parks a change behind the others of its item. */
async function join(store: ParkingStore, marker: Marker, record = aRecord()) {
  const next = joinedBy(marker);
  const change = lastOf(next, arrival(marker.item, record, null));
  expect(await store.park(marker, next, change)).toBe(true);
  return { marker: next, change };
}

/** What every parking store does. `name` gives names that no other test uses. */
export function parkingScenarios(make: () => Promise<ParkingStore>, name: (prefix: string) => string): void {
  describe('a parking store', () => {
    test('gives back the marker and the change as they were parked', async () => {
      const store = await make();
      const item = name('item');
      const { marker, change } = await begin(store, item);

      expect(await store.marker(item)).toEqual(marker);
      expect(await store.change(marker, 1)).toEqual(change);
      expect(await store.holds(marker, change.record.eventID)).toBe(true);
    });

    test('knows nothing of what was never parked', async () => {
      const store = await make();
      const { marker } = await begin(store, name('item'));

      expect(await store.marker(name('item'))).toBeNull();
      expect(await store.change(marker, 2)).toBeNull();
      expect(await store.holds(marker, 'another event')).toBe(false);
    });

    test('begins a queue only where none is', async () => {
      const store = await make();
      const { marker } = await begin(store, name('item'));
      const rival = begunBy(arrival(marker.item), 'rival', null);

      expect(await store.park(null, rival, lastOf(rival, arrival(marker.item)))).toBe(false);

      expect(await store.marker(marker.item)).toEqual(marker);
    });

    test('refuses a change that another was faster than, and keeps nothing of it', async () => {
      const store = await make();
      const { marker } = await begin(store, name('item'));
      await join(store, marker);
      const late = arrival(marker.item, aRecord());
      const next = joinedBy(marker);

      expect(await store.park(marker, next, lastOf(next, late))).toBe(false);

      expect(await store.holds(marker, late.record.eventID)).toBe(false);
      expect((await store.marker(marker.item))?.next).toBe(3);
    });

    test('writes a marker alone on what was read', async () => {
      const store = await make();
      const { marker } = await begin(store, name('item'));
      const leased = leasedBy(marker, 'me', 0, 5_000)!;

      expect(await store.update(marker, leased)).toBe(true);
      expect(await store.update(marker, failedAgain(marker, 'Error: other'))).toBe(false);

      expect(await store.marker(marker.item)).toEqual(leased);
    });

    test('steps to the next change when the oldest is settled', async () => {
      const store = await make();
      const begun = await begin(store, name('item'));
      const { marker, change: second } = await join(store, begun.marker);

      expect(await store.settle(marker, advancedTo(marker, second), begun.change)).toBe(true);

      expect(await store.change(marker, 1)).toBeNull();
      expect(await store.holds(marker, begun.change.record.eventID)).toBe(false);
      expect(await store.marker(marker.item)).toMatchObject({ head: 2, next: 3, headPlace: second.place });
      expect(await store.change(marker, 2)).toEqual(second);
    });

    test('frees an item only when nothing was parked meanwhile', async () => {
      const store = await make();
      const begun = await begin(store, name('item'));
      const { marker } = await join(store, begun.marker);

      expect(await store.settle(begun.marker, null, begun.change)).toBe(false);
      expect(await store.marker(marker.item)).toEqual(marker);
      expect(await store.change(marker, 1)).toEqual(begun.change);
    });

    test('has nothing of an item that is free, and lets it be parked again', async () => {
      const store = await make();
      const { marker, change } = await begin(store, name('item'));

      expect(await store.settle(marker, null, change)).toBe(true);

      expect(await store.marker(marker.item)).toBeNull();
      expect((await begin(store, marker.item, change.record)).marker.head).toBe(1);
    });

    test('does not take a marker of an earlier life of the queue for the present one', async () => {
      const store = await make();
      const { marker, change } = await begin(store, name('item'));
      await store.settle(marker, null, change);
      const again = await begin(store, marker.item, change.record);

      expect(again.marker.revision).toBe(marker.revision);
      expect(await store.settle(marker, null, change)).toBe(false);
      expect(await store.marker(marker.item)).toEqual(again.marker);
    });

    test('lists all markers, page by page', async () => {
      const store = await make();
      const items = [name('item'), name('item'), name('item')];
      for (const item of items) await begin(store, item);

      const found: string[] = [];
      let from: string | null = null;
      do {
        const page: Awaited<ReturnType<ParkingStore['markers']>> = await store.markers(2, from);
        expect(page.markers.length).toBeLessThanOrEqual(2);
        found.push(...page.markers.map(({ item }) => item));
        from = page.next;
      } while (from !== null);

      expect(found.filter((item) => items.includes(item)).toSorted()).toEqual(items.toSorted());
      expect(new Set(found).size).toBe(found.length);
    });

    test('keeps a record of several megabytes, whatever it holds', async () => {
      const store = await make();
      const noise = randomBytes(390 * 1024);
      const record = aRecord({ id: 'a', noise, tiny: Array.from({ length: 130_000 }, (_, index) => index % 7) });
      expect(JSON.stringify(record).length).toBeGreaterThan(1.5 * 1024 * 1024);

      const { marker, change } = await begin(store, name('item'), record);
      const read = await store.change(marker, 1);

      expect(read).toEqual(change);
      expect(await store.settle(marker, null, read as ParkedChange)).toBe(true);
      expect(await store.marker(marker.item)).toBeNull();
    });
  });
}
