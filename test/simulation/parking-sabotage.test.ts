import { expect, test } from 'vitest';
import type { ParkingStore } from '../../shared/core/parking.ts';
import { simulateParking } from '../support/parking-simulation/simulation.ts';
import type { Sabotage } from '../support/parking-simulation/world.ts';

const SEEDS = 60;

/** The first violation that a few seeds show. */
async function firstViolation(sabotage: Sabotage): Promise<string | undefined> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations } = await simulateParking(seed, { sabotage });
    if (violations[0]) return `${violations[0].invariant}: ${violations[0].message}`;
  }
  return undefined;
}

/** Each turns one protection of the store off. */
const SABOTAGES: readonly (readonly [string, RegExp, (store: ParkingStore) => Partial<ParkingStore>])[] = [
  [
    'an item is freed although a change was parked meanwhile',
    /^I[12]: /,
    (store) => ({
      settle: async (previous, next, change) => {
        const current = await store.marker(previous.item);
        return store.settle(next === null && current ? current : previous, next, change);
      },
    }),
  ],
  [
    'a change is parked on what another has changed',
    /^(I[12]|queue): /,
    (store) => ({
      park: async (previous, next, change) => store.park(previous && (await store.marker(previous.item)), next, change),
    }),
  ],
  [
    'two redrives may hold one item',
    /^I2: /,
    (store) => ({
      marker: async (item) => {
        const marker = await store.marker(item);
        return marker && { ...marker, lease: null };
      },
    }),
  ],
  ['a batch does not know what is parked', /^I2: /, () => ({ markers: async () => ({ markers: [], next: null }) })],
  [
    'a batch is not told of every parked item, and takes it for all',
    /^I2: /,
    (store) => ({
      markers: async (limit, from) => ({ ...(await store.markers(limit === 25 ? 1 : limit, from)), next: null }),
    }),
  ],
  [
    'a change that comes after the oldest that waits is taken for an older one',
    /^I[12]: /,
    (store) => ({
      marker: async (item) => {
        const marker = await store.marker(item);
        return marker && { ...marker, headPlace: { ...marker.headPlace, sequenceNumber: '9'.repeat(30) } };
      },
    }),
  ],
  ['a change that waits is not known again', /^queue: .* waits twice/, () => ({ holds: async () => false })],
];

test.each(SABOTAGES)(
  'the simulation notices when %s',
  async (_what, violation, part) => {
    const found = await firstViolation((store) => ({ ...store, ...part(store) }));

    expect(found).toMatch(violation);
  },
  120_000,
);
