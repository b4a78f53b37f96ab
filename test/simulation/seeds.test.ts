import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { type SimulationResult, simulate } from '../support/simulation/simulation.ts';
import { soak } from '../support/simulation/soak.ts';

const MINUTE = 60_000;

test(
  'in 2,000 seeds of crashes, freezes, failures, splits and rewinds no change is lost and no item reordered',
  async () => {
    const figures = await soak({ first: 1, seeds: 2_000 });

    expect(figures.broken).toEqual([]);
    expect(figures.seeds).toBe(2_000);
    expect(figures.records).toBeGreaterThan(100_000);
    expect(figures.faults).toBeGreaterThan(10_000);
  },
  5 * MINUTE,
);

test('a seed replays exactly, with its trace or without', async () => {
  const traces: string[][] = [[], []];
  const results: SimulationResult[] = [];
  for (const trace of traces) results.push(await simulate(7, { walk, trace }));

  expect(traces[0]).toEqual(traces[1]);
  expect(traces[0]!.length).toBeGreaterThan(100);
  expect(await simulate(7, { walk })).toEqual(results[0]);
});
