import { describe, expect, test } from 'vitest';
import type { State } from '../../shared/core/ports.ts';
import { phaseOf } from '../../shared/core/subscription.ts';
import { streamRowsOf } from '../../shared/operations/reading.ts';
import { walk } from '../../shared/walker.ts';
import type { BootstrapScenario } from '../support/bootstrap-simulation/scenario.ts';
import { type BootstrapSabotage, simulateBootstrap } from '../support/bootstrap-simulation/simulation.ts';
import type { BootstrapWorld } from '../support/bootstrap-simulation/world.ts';
import { HOUR, MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import type { Process } from '../support/simulation/process.ts';

const SEGMENTS = 3;
/** The beginning, the end, and the segments. */
const ROWS = SEGMENTS + 2;

const isScan = ({ stream }: Parameters<State['leases']>[0]): boolean => stream.arn.startsWith('scan:');

/** A table that is written to now and then, and whose items are handed over in slices; what is done about them later. */
const scenario = (lastsMs: number, incidents: BootstrapScenario['incidents']): BootstrapScenario => ({
  base: calmScenario(
    { bootstrap: { segments: SEGMENTS, sliceMs: 5 * SECOND }, start: { at: 'latest' } },
    { items: 20, writeEveryMs: 10 * MINUTE, calmAtMs: lastsMs, endAtMs: lastsMs + HOUR },
  ),
  existing: 20,
  subscribedAtMs: 0,
  deletes: 0.3,
  scan: { tableBytes: 1, pageItems: 2, pageMs: 3 * SECOND },
  incidents,
});

/** What is stored of runs: their numbers, and how many rows they have, of which so many may be removed some time. */
interface Stored {
  readonly runs: readonly (number | undefined)[];
  readonly rows: number;
  readonly leaving: number;
}

async function storedRuns({ state }: BootstrapWorld): Promise<Stored> {
  const scans = streamRowsOf(await state.control('orders')).filter(({ run }) => run !== undefined);
  const keys = scans.map((scan) => ({ subscription: 'orders', ...scan }));
  const leases = (await Promise.all(keys.map((key) => state.leases(key)))).flat();
  const rows = [...scans, ...leases];
  return {
    runs: scans.map(({ run }) => run),
    rows: rows.length,
    leaving: rows.filter(({ removeAtMs }) => removeAtMs !== undefined).length,
  };
}

/** What is stored at these moments of a simulation. */
async function watch(given: BootstrapScenario, momentsMs: readonly number[], sabotage: BootstrapSabotage) {
  const seen: Stored[] = [];
  let isWatched = false;
  const { violations, run } = await simulateBootstrap(1, {
    walk,
    scenario: given,
    sabotage: (ports, process, world) => {
      const sinceMs = world.clock.nowMs() - world.startMs;
      for (const atMs of isWatched ? [] : momentsMs)
        world.clock.after(atMs - sinceMs, () => void storedRuns(world).then((stored) => seen.push(stored)));
      isWatched = true;
      return sabotage(ports, process, world);
    },
  });
  return { violations, run, seen };
}

test('the rows of a run are kept for a day after it, then removed, and the next run has a number of its own', async () => {
  const early: number[] = [];
  const repaired = scenario(27 * HOUR, [{ atMs: 26 * HOUR, what: 'repair' }]);

  const { violations, run, seen } = await watch(
    repaired,
    [1 * HOUR, 23 * HOUR, 25 * HOUR, 26.5 * HOUR],
    (ports, _process, { ledger }) => ({
      ...ports,
      state: {
        ...ports.state,
        expireLeases: (key, ...rest) => {
          const phase = phaseOf(ledger.pointer()!);
          if (isScan(key) && key.stream.createdAtMs === phase.run && !phase.isRunDone) early.push(phase.run);
          return ports.state.expireLeases(key, ...rest);
        },
      },
    }),
  );

  expect(violations).toEqual([]);
  expect(early).toEqual([]);
  expect(seen).toEqual([
    { runs: [1], rows: 1 + ROWS, leaving: 1 + ROWS },
    { runs: [1], rows: 1 + ROWS, leaving: 1 + ROWS },
    { runs: [], rows: 0, leaving: 0 },
    { runs: [2], rows: 1 + ROWS, leaving: 1 + ROWS },
  ]);
  expect(run).toBe(2);
});

test('a run that was cancelled leaves no rows for ever either', async () => {
  const cancelled = scenario(10 * MINUTE, [{ atMs: 12 * SECOND, what: 'cancel' }]);

  const { violations, seen } = await watch(cancelled, [11 * SECOND, 5 * MINUTE], (ports) => ports);

  expect(violations).toEqual([]);
  expect(seen).toEqual([
    { runs: [1], rows: 1 + ROWS, leaving: 0 },
    { runs: [1], rows: 1 + ROWS, leaving: 1 + ROWS },
  ]);
});

/** What goes wrong with one call; nothing is answered to a walk that is gone. */
type Mishap = (call: () => Promise<unknown>, process: Process) => Promise<never>;

const FAILURE = new Error('simulated failure of one call');
const NEVER = new Promise<never>(() => undefined);
const MISHAPS: Record<string, Mishap> = {
  'fails before it takes place': () => Promise.reject(FAILURE),
  'fails after it took place': (call) => call().then(() => Promise.reject(FAILURE)),
  'is the last of its walk, and does not take place': (_call, process) => {
    process.crash();
    return NEVER;
  },
  'is the last of its walk, and takes place': (call, process) => {
    void call();
    process.crash();
    return NEVER;
  },
};

const CALLS = ['leases', 'expireLeases', 'putControl'] as const;

/** Lets the first of these calls about a finished run go wrong. */
function onceWrong(name: (typeof CALLS)[number], mishap: Mishap) {
  let count = 0;
  const sabotage: BootstrapSabotage = (ports, process, { ledger }) => {
    const { state } = ports;
    const call = <T>(of: typeof name, isAbout: boolean, act: () => Promise<T>): Promise<T> => {
      const isOver = ledger.pointer()?.phase?.isRunDone === true;
      return of === name && isAbout && isOver && count++ === 0 ? mishap(act, process) : act();
    };
    const wrong: State = {
      ...state,
      leases: (key) => call('leases', isScan(key), () => state.leases(key)),
      expireLeases: (key, ...rest) => call('expireLeases', isScan(key), () => state.expireLeases(key, ...rest)),
      putControl: (subscription, next, revision) => {
        const isLeaving = next.kind === 'stream' && next.removeAtMs !== undefined;
        return call('putControl', isLeaving, () => state.putControl(subscription, next, revision));
      },
    };
    return { ...ports, state: wrong };
  };
  return { sabotage, calls: () => count };
}

describe.each(Object.entries(MISHAPS))('all rows of a run are to be removed, also when a call %s', (_name, mishap) => {
  test.each(CALLS)('%s', async (name) => {
    const { sabotage, calls } = onceWrong(name, mishap);

    const { violations, seen } = await watch(scenario(30 * MINUTE, []), [25 * MINUTE], sabotage);

    expect(violations).toEqual([]);
    expect(calls()).toBeGreaterThan(0);
    expect(seen).toEqual([{ runs: [1], rows: 1 + ROWS, leaving: 1 + ROWS }]);
  });
});
