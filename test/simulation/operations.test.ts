import { expect, test } from 'vitest';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { walk } from '../../shared/walker.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { operatorOf, targetOf } from '../support/simulation/import-operator.ts';
import { haltingScenario, scenarioFor } from '../support/simulation/operator-scenarios.ts';
import { simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SEEDS = 200;

test(
  'pausing, rewinding and importing beside walks that crash, freeze and fail loses and reorders nothing',
  async () => {
    const ends = new Map<string, number>();
    const broken: unknown[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const random = simulatedRandom(seed).fork();
      const scenario = scenarioFor(seed);
      const result = await simulate(seed, {
        walk,
        scenario,
        onWorld: (world) => {
          const operator = operatorOf(world, 'orders');
          const operate = async (): Promise<void> => {
            const known = await operator.exportPositions();
            await world.clock.sleep(random.whole(0, 20) * SECOND);
            const end = await operator.rewind(targetOf(random, world.clock.nowMs(), known));
            ends.set(end, (ends.get(end) ?? 0) + 1);
          };
          for (let times = random.whole(1, 4); times > 0; times -= 1) {
            world.clock.after(random.whole(0, scenario.calmAtMs), () => void operate());
          }
        },
      });
      if (result.violations.length > 0) broken.push({ seed, violations: result.violations.slice(0, 2) });
    }

    expect(broken).toEqual([]);
    expect(ends.get('done')).toBeGreaterThan(SEEDS / 2);
    expect(ends.get('changed')).toBeGreaterThan(0);
  },
  5 * MINUTE,
);

test(
  'a gap that halts a shard is accepted once, also long after it was found, and everything behind it comes',
  async () => {
    let accepted = 0;
    const broken: unknown[] = [];
    for (let seed = 1; seed <= 16; seed += 1) {
      const { stream, ...calm } = haltingScenario(seed);
      const result = await simulate(seed, {
        walk,
        scenario: { ...calm, stream: { ...stream, shards: 2 } },
        onWorld: (world) => {
          const operator = operatorOf(world, 'orders');
          const look = (): void => {
            void operator.acceptGaps().then((count) => {
              accepted += count;
            });
            world.clock.after(7 * MINUTE, look);
          };
          // Long after the first walk found them.
          world.clock.after(28 * HOUR + 10 * MINUTE, look);
        },
      });
      if (result.violations.length > 0) broken.push({ seed, violations: result.violations.slice(0, 2) });
    }

    expect(broken).toEqual([]);
    expect(accepted).toBeGreaterThan(16);
    expect(accepted).toBeLessThanOrEqual(16 * 8);
  },
  5 * MINUTE,
);

test('a paused subscription delivers nothing after its last batches, and everything once it is resumed', async () => {
  let world: World | undefined;
  const deliveredAtMs: number[] = [];
  const result = await simulate(3, {
    walk: (request, ports, limits) =>
      walk(
        request,
        {
          ...ports,
          sink: {
            deliver: (batch) => {
              deliveredAtMs.push(world!.clock.nowMs() - world!.startMs);
              return ports.sink.deliver(batch);
            },
          },
        },
        limits,
      ),
    scenario: calmScenario({}, { calmAtMs: 10 * MINUTE }),
    onWorld: (made) => {
      world = made;
      const operator = operatorOf(made, 'orders');
      made.clock.after(2 * MINUTE, () => void operator.pause());
      made.clock.after(6 * MINUTE, () => void operator.resume());
    },
  });

  expect(result.violations).toEqual([]);
  expect(deliveredAtMs.filter((ms) => ms < 2 * MINUTE).length).toBeGreaterThan(50);
  expect(deliveredAtMs.filter((ms) => ms > 2 * MINUTE + 10 * SECOND && ms < 6 * MINUTE)).toEqual([]);
  expect(deliveredAtMs.filter((ms) => ms > 6 * MINUTE).length).toBeGreaterThan(50);
});
