import type { ParkingStore } from '../../../shared/core/parking.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import type { Process } from '../simulation/process.ts';
import type { ParkingWorld } from './world.ts';

const WRITES: ReadonlySet<keyof ParkingStore> = new Set(['park', 'update', 'settle']);

/** The store as one process gets it: calls fail before, after and long before they take place, and the process dies. */
export function faultyStore(world: ParkingWorld, process: Process, random: Random, crash: () => void): ParkingStore {
  const { clock, store, trace } = world;

  async function call<T>(name: keyof ParkingStore, effect: () => Promise<T>): Promise<T> {
    const { storeFails, storeAmbiguous, storeLate, storeSlow, crash: crashes } = world.faults();
    const ms = random.chance(storeSlow) ? random.whole(200, 4_000) : random.whole(1, 20);
    const isOnTheWire = random.chance(0.5);
    const trip = random.chance(0.5)
      ? { beforeMs: ms, afterMs: 0, isOnTheWire }
      : { beforeMs: 0, afterMs: ms, isOnTheWire };
    const fault = world.faultOfCall();
    if (fault === 'dies before') crash();
    if (fault === 'dies after') clock.after(ms, crash);
    if (random.chance(crashes)) clock.after(random.pick([0, 0, 5, 20]), crash);
    const failing = (how: string, then: () => Promise<unknown>): Promise<T> => {
      trace(() => `${process.name} ${name} FAILS ${how}`);
      const effect = async (): Promise<T> => {
        await then();
        throw new Error(`simulated failure of ${name}`);
      };
      return process.call(name, effect, trip);
    };
    if (random.chance(storeFails) || fault === 'fails') return failing('before it takes place', async () => undefined);
    if ((WRITES.has(name) && random.chance(storeAmbiguous)) || fault === 'fails although done')
      return failing('after it took place', effect);
    if (WRITES.has(name) && random.chance(storeLate)) {
      const delayMs = random.whole(50, 30_000);
      return failing(`and takes place ${delayMs} ms later`, async () => {
        clock.after(delayMs, () => void effect());
      });
    }
    const result = await process.call(name, effect, trip);
    trace(() => `${process.name} ${name} -> ${JSON.stringify(result)?.slice(0, 300)}`);
    return result;
  }

  return {
    markers: (limit, from) => call('markers', () => store.markers(limit, from)),
    marker: (item) => call('marker', () => store.marker(item)),
    holds: (marker, eventId) => call('holds', () => store.holds(marker, eventId)),
    change: (marker, number) => call('change', () => store.change(marker, number)),
    park: (previous, next, change) => call('park', () => store.park(previous, next, change)),
    update: (previous, next) => call('update', () => store.update(previous, next)),
    settle: (previous, next, change) => call('settle', () => store.settle(previous, next, change)),
  };
}
