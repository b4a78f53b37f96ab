import { expect, test } from 'vitest';
import type { Positions } from '../../shared/core/positions-file.ts';
import { acceptGap, prepareStart, rewind } from '../../shared/operations.ts';
import { type Random, simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { walk } from '../../shared/walker.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { operatorOf, targetOf } from '../support/simulation/import-operator.ts';
import { type Scenario, scenarioOf } from '../support/simulation/scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SEEDS = 200;

const OPERATIONS = new Set(['pause', 'resume', 'rewind-to-trim-horizon', 'rewind-to-time', 'rewind-to-latest']);

/** The seed's scenario, in which nobody operates but the operator of these tests. */
function scenarioFor(seed: number, request: Partial<Scenario['request']> = {}): Scenario {
  const drawn = scenarioOf(seed);
  return {
    ...drawn,
    request: { ...drawn.request, ...request },
    incidents: drawn.incidents.filter(({ what }) => !OPERATIONS.has(what)),
  };
}

/** The world of an operator who is slow: between what they read and what they write, walks and others write. */
const slowly = (world: World, random: Random): World => ({
  ...world,
  state: {
    ...world.state,
    putControl: async (...args) => {
      await world.clock.sleep(random.whole(0, 100));
      return world.state.putControl(...args);
    },
    acceptGap: async (...args) => {
      await world.clock.sleep(random.whole(1, 30));
      return world.state.acceptGap(...args);
    },
  },
});

/** Nothing walks for longer than the stream keeps its records: shards halt at gaps. */
const haltingScenario = (seed: number): Scenario =>
  calmScenario(
    { onGap: 'halt', deliver: seed % 2 === 0 ? ['gap'] : [] },
    {
      seed,
      outage: { fromMs: 2 * MINUTE, untilMs: 28 * HOUR, tickEveryMs: null },
      calmAtMs: 28 * HOUR + 40 * MINUTE,
      endAtMs: 30 * HOUR,
      incidents: [8, 12, 16, 20].map((hours) => ({ atMs: hours * HOUR, what: 'roll' })),
    },
  );

/** Positions of a subscription that had listed nothing yet. */
const NO_POSITIONS: Positions = {
  format: 1,
  kind: 'millrace-positions',
  subscription: 'orders',
  exportedAt: '2026-01-01T00:00:00.000Z',
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  run: 0,
  streams: [],
};

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

test(
  'several operators who pause and resume at once, beside rewinds and walks that fail, lose and reorder nothing',
  async () => {
    let acts = 0;
    const broken: unknown[] = [];
    for (let seed = 1; seed <= SEEDS / 2; seed += 1) {
      const random = simulatedRandom(seed).fork();
      const scenario = scenarioFor(seed);
      const result = await simulate(seed, {
        walk,
        scenario,
        onWorld: (world) => {
          const operator = operatorOf(slowly(world, random), 'orders');
          for (let times = random.whole(4, 12); times > 0; times -= 1) {
            const act = random.pick(['pause', 'resume', 'pause', 'rewind'] as const);
            const target = targetOf(random, world.clock.nowMs(), null);
            acts += 1;
            world.clock.after(random.whole(0, scenario.calmAtMs), () => {
              void (act === 'rewind' ? operator.rewind(target) : operator[act]());
            });
          }
          // The last of them resumes, once nobody waits for a walk any more.
          world.clock.after(scenario.calmAtMs + 3 * MINUTE, () => void operator.resume());
        },
      });
      if (result.violations.length > 0) broken.push({ seed, violations: result.violations.slice(0, 2) });
    }

    expect(broken).toEqual([]);
    expect(acts).toBeGreaterThan(SEEDS);
  },
  5 * MINUTE,
);

test(
  'a start that is prepared, or positions that are imported, beside the first walk: one of both begins the subscription',
  async () => {
    const ends = new Map<string, number>();
    const broken: unknown[] = [];
    for (let seed = 1; seed <= SEEDS / 4; seed += 1) {
      const random = simulatedRandom(seed).fork();
      const scenario = scenarioFor(seed);
      let onFirstWalk: (() => void) | undefined;
      const result = await simulate(seed, {
        walk: (request, ports, limits) => {
          onFirstWalk?.();
          onFirstWalk = undefined;
          return walk(request, ports, limits);
        },
        scenario,
        onWorld: (world) => {
          const ports = slowly(world, random);
          const begin = async (): Promise<void> => {
            const nowMs = world.clock.nowMs();
            const positions = { ...NO_POSITIONS, startedAtMs: nowMs };
            const end = random.chance(0.5)
              ? await prepareStart(ports, 'orders', {
                  at: 'time',
                  momentMs: Math.floor(world.startMs / SECOND) * SECOND,
                })
              : await rewind(ports, 'orders', { positions });
            ends.set(end.kind, (ends.get(end.kind) ?? 0) + 1);
            await operatorOf(world, 'orders').resume();
          };
          onFirstWalk = () => world.clock.after(random.whole(0, 60), () => void begin());
        },
      });
      if (result.violations.length > 0) broken.push({ seed, violations: result.violations.slice(0, 2) });
    }

    expect(broken).toEqual([]);
    expect([...ends.keys()].sort()).toEqual(['changed', 'done', 'not-paused', 'prepared']);
  },
  5 * MINUTE,
);

test(
  'of two operators who accept a gap at once one does, also while a third rewinds',
  async () => {
    const wins: number[] = [];
    const broken: unknown[] = [];
    for (let seed = 1; seed <= 16; seed += 1) {
      const random = simulatedRandom(seed).fork();
      const { stream, ...calm } = haltingScenario(seed);
      const result = await simulate(seed, {
        walk,
        scenario: { ...calm, stream: { ...stream, shards: 2 } },
        onWorld: (world) => {
          const operator = operatorOf(world, 'orders');
          const ports = slowly(world, random);
          const accept = async (gapId: string): Promise<void> => {
            const both = ['ada', 'bob'].map(async (by) => {
              await world.clock.sleep(random.whole(0, 10));
              return acceptGap(ports, 'orders', gapId, { by, tellHandler: random.chance(0.5) });
            });
            const results = await Promise.all(both);
            wins.push(results.filter(({ kind }) => kind === 'done').length);
          };
          const look = (): void => {
            for (const gapId of world.ledger.haltedAt()) void accept(gapId);
            if (seed % 2 === 0 && random.chance(0.1)) void operator.rewind({ start: { at: 'trim-horizon' } });
            world.clock.after(MINUTE, look);
          };
          world.clock.after(28 * HOUR + 10 * MINUTE, look);
        },
      });
      if (result.violations.length > 0) broken.push({ seed, violations: result.violations.slice(0, 2) });
    }

    expect(broken).toEqual([]);
    expect(wins.filter((count) => count === 1).length).toBeGreaterThan(16);
    expect(wins.filter((count) => count > 1)).toEqual([]);
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
