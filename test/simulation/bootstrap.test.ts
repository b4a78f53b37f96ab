import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { BOOTSTRAP_SABOTAGES } from '../support/bootstrap-simulation/sabotage.ts';
import { simulateBootstrap } from '../support/bootstrap-simulation/simulation.ts';
import { soakBootstraps } from '../support/bootstrap-simulation/soak.ts';

const MINUTE = 60_000;

test(
  'I8: in 2,000 seeds of slices, crashes, freezes, deletes, rewinds, cancelled runs and tables made anew sinks end as the table is',
  async () => {
    const figures = await soakBootstraps({ first: 1, seeds: 2_000 });

    expect(figures.broken).toEqual([]);
    expect(figures.seeds).toBe(2_000);
    expect(figures.records).toBeGreaterThan(50_000);
    expect(figures.faults).toBeGreaterThan(5_000);
  },
  5 * MINUTE,
);

test('the seeds put repair runs, frozen walks, slices and tables made anew to the test', async () => {
  const runs = new Set<number>();
  let [plain, slices, refused] = [0, 0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const trace: string[] = [];
    const result = await simulateBootstrap(seed, { walk, trace });
    runs.add(result.run);
    if (result.isPlainChecked) plain++;
    slices += trace.filter((line) => line.includes('"phase-changed"') && line.includes('"scanning"')).length;
    refused += trace.some((line) => line.includes("is not the table's stream any more")) ? 1 : 0;
  }

  expect([...runs].sort()).toEqual([1, 2, 3]);
  expect(plain).toBeGreaterThan(50);
  expect(slices).toBeGreaterThan(120);
  expect(refused).toBeGreaterThan(2);
});

test.each(BOOTSTRAP_SABOTAGES)(
  'the simulation of bootstraps notices when the walker lacks $protection',
  async ({ sabotage, breaks }) => {
    let seed = 1;
    for (; seed <= 2_000; seed++) {
      const { violations } = await simulateBootstrap(seed, { walk, sabotage });
      if (violations[0] && breaks.includes(violations[0].invariant)) break;
    }

    expect(seed).toBeLessThanOrEqual(2_000);
  },
);

test('a seed of a bootstrap replays exactly, with its trace or without', async () => {
  const traces: string[][] = [[], []];
  for (const trace of traces) await simulateBootstrap(7, { walk, trace });
  const result = await simulateBootstrap(7, { walk });

  expect(traces[0]).toEqual(traces[1]);
  expect(traces[0]!.length).toBeGreaterThan(100);
  expect(await simulateBootstrap(7, { walk, trace: [] })).toEqual(result);
});
