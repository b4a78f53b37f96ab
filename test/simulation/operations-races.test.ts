import { expect, test } from 'vitest';
import type { Positions } from '../../shared/core/positions-file.ts';
import { acceptGap, prepareStart, rewind } from '../../shared/operations.ts';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { walk } from '../../shared/walker.ts';
import { operatorOf, targetOf } from '../support/simulation/import-operator.ts';
import { haltingScenario, scenarioFor, slowly } from '../support/simulation/operator-scenarios.ts';
import { simulate } from '../support/simulation/simulation.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SEEDS = 200;

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
