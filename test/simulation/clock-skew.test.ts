import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { NO_FAULTS } from '../support/simulation/fault-rates.ts';
import { scenarioOf } from '../support/simulation/scenario.ts';
import { type SimulationResult, simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const MARGIN_MS = 10 * SECOND;
const { stream } = calmScenario({}, {});

/** Every other walk's clock is ahead of the true time, and that of the others behind it. */
const apart = (ms: number) => (walk: number) => (walk % 2 === 0 ? ms / 2 : -ms / 2);

/** Two workers whose walks die, with handlers that run on to their timeout: leases are taken over all the time. */
const takenOver = (seed: number) =>
  calmScenario(
    {
      workers: 2,
      handler: { functionArn: 'arn:handler', timeoutMs: 5 * SECOND },
      leaseDurationMs: 5 * SECOND,
      deliveryMarginMs: MARGIN_MS,
      batchSize: 5,
    },
    {
      seed,
      walkMs: MINUTE,
      stream: { ...stream, shards: 2 },
      items: 3,
      incidents: [
        { atMs: 30 * SECOND, what: 'split' },
        { atMs: 90 * SECOND, what: 'roll' },
      ],
      faults: { ...NO_FAULTS, crash: 0.01, handlerHangs: 0.2, sinkLost: 0.2 },
      calmAtMs: 3 * MINUTE,
    },
  );

/** One seed after another, up to the first that breaks a promise. */
async function firstBroken(seeds: number, run: (seed: number) => Promise<SimulationResult>) {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await run(seed);
    if (violations[0]) return { seed, ...violations[0] };
  }
  return null;
}

test('clocks that differ by a second less than the delivery margin deliver nothing twice at once, and lose nothing', async () => {
  const broken = await firstBroken(100, (seed) =>
    simulate(seed, { walk, scenario: takenOver(seed), skewMs: apart(MARGIN_MS - SECOND) }),
  );

  expect(broken).toBeNull();
});

test('clocks that differ by three delivery margins let a lease be taken over while its delivery runs', async () => {
  const broken = await firstBroken(100, (seed) =>
    simulate(seed, { walk, scenario: takenOver(seed), skewMs: apart(3 * MARGIN_MS) }),
  );

  expect(broken?.invariant).toMatch(/^(D4|I2)$/);
});

test('clocks that differ by seven seconds keep every promise, whatever else fails', async () => {
  const broken = await firstBroken(100, (seed) =>
    // The smallest margin that a seed draws is ten seconds, of which the network takes up to three.
    simulate(seed, { walk, scenario: scenarioOf(seed), skewMs: apart(7 * SECOND) }),
  );

  expect(broken).toBeNull();
});

/** How many of the changes made since the first walk began were never accepted, when its clock is so much ahead. */
async function missedSinceLatest(aheadMs: number): Promise<number> {
  let world!: World;
  const onWorld = (each: World) => {
    world = each;
  };
  const scenario = calmScenario({ start: { at: 'latest' } }, { writeEveryMs: 200 });
  const { violations } = await simulate(1, { walk, scenario, skewMs: () => aheadMs, onWorld });
  expect(violations).toEqual([]);
  const { startedAtMs, accepted } = world.ledger.generations.get(1)!;
  const shards = [...world.stream.lives[0]!.shards.values()];
  const since = shards.flatMap(({ records }) => records).filter(({ writtenAtMs }) => writtenAtMs >= startedAtMs);
  expect(since.length).toBeGreaterThan(100);
  return since.filter(({ event }) => !accepted.has(event.eventID)).length;
}

test('LATEST misses nothing that is written since the first walk began, with a clock up to five seconds ahead', async () => {
  expect(await missedSinceLatest(5 * SECOND)).toBe(0);
});

test('LATEST waits for its moment, with a clock that is farther ahead', async () => {
  expect(await missedSinceLatest(15 * SECOND)).toBeGreaterThan(0);
});
