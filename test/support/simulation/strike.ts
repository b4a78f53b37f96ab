import type { Random } from '../../../shared/testing/simulated-random.ts';
import type { Process, Trip } from './process.ts';
import type { World } from './world.ts';

/** What this call does to its walk, and how long its ways take: mostly some milliseconds. */
export function strike(world: World, process: Process, random: Random): Trip {
  const { crash, freeze, slow } = world.rates();
  if (random.chance(crash)) {
    const afterMs = random.pick([0, 0, 5, 20]);
    world.fault();
    world.clock.after(afterMs, () => {
      if (!process.isDead()) world.trace(() => `${process.name} CRASHES`);
      process.crash();
    });
  } else if (random.chance(freeze)) {
    const [afterMs, forMs] = [random.pick([0, 0, 5, 20]), random.whole(1_000, 180_000)];
    world.fault();
    world.clock.after(afterMs, () => {
      if (!process.isDead()) world.trace(() => `${process.name} FREEZES for ${forMs} ms`);
      process.freeze(forMs);
    });
  }
  const ms = random.chance(slow) ? random.whole(500, 10_000) : random.whole(2, 30);
  const isOnTheWire = random.chance(0.5);
  return random.chance(0.5) ? { beforeMs: ms, afterMs: 0, isOnTheWire } : { beforeMs: 0, afterMs: ms, isOnTheWire };
}
