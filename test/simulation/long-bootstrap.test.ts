import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import type { BootstrapScenario } from '../support/bootstrap-simulation/scenario.ts';
import { simulateBootstrap } from '../support/bootstrap-simulation/simulation.ts';
import { HOUR, MINUTE } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';

/** A table that is written to all the time, of which the bound lets every walk read one item. */
const SLOW: BootstrapScenario = {
  base: calmScenario(
    { bootstrap: { segments: 1 }, leaseDurationMs: MINUTE, start: { at: 'latest' } },
    { items: 150, writeEveryMs: 10 * MINUTE, calmAtMs: 31 * HOUR, endAtMs: 40 * HOUR },
  ),
  existing: 150,
  subscribedAtMs: 10_000,
  deletes: 0.2,
  scan: { tableBytes: 1, pageItems: 1, pageMs: HOUR },
  incidents: [],
};

test('a scan that takes longer than the stream keeps its records loses nothing, and no position comes near its end', async () => {
  const trace: string[] = [];

  const { violations, run } = await simulateBootstrap(1, { walk, scenario: SLOW, trace });

  const phases = trace.filter((line) => line.includes('"phase-changed"'));
  const done = phases.findIndex((line) => line.includes('"isRunDone":true'));
  expect(violations).toEqual([]);
  expect(trace.filter((line) => line.includes('"kind":"gap"'))).toEqual([]);
  expect(run).toBe(1);
  expect(hoursOf(phases[done]!)).toBeGreaterThan(24);
  // A slice of an hour, and the changes since: none is left for longer than that.
  for (const [index, line] of phases.slice(1, done).entries()) {
    expect(hoursOf(line) - hoursOf(phases[index]!)).toBeLessThan(1.5);
  }
}, 60_000);

test('a stream that is turned off and on while the table is scanned ends the run, is read at once, and the next run is of it', async () => {
  const trace: string[] = [];
  const incidents = [
    { atMs: 2.5 * HOUR, what: 'stream-off' },
    { atMs: 2.6 * HOUR, what: 'stream-on' },
  ] as const;
  const base = { ...SLOW.base, calmAtMs: 31 * HOUR, endAtMs: 90 * HOUR };

  const { violations } = await simulateBootstrap(1, {
    walk,
    scenario: { ...SLOW, base, existing: 28, incidents },
    trace,
  });

  const replaced = trace.find((line) => line.includes('"stream-found"') && line.includes('"isReplacement":true'));
  const drained = trace.find((line) => line.includes('"stream-drained"'));
  const begun = trace.find((line) => line.includes('"phase-changed"') && line.includes('"scanning","run":2'));
  const gaps = trace.filter((line) => line.includes('"kind":"gap"'));
  expect(violations).toEqual([]);
  expect(hoursOf(replaced!)).toBeLessThan(5);
  expect(hoursOf(drained!)).toBeLessThan(5);
  expect(hoursOf(begun!)).toBeLessThan(5);
  expect(trace.find((line) => line.includes('"stream-drained"') && line.includes('"scan:'))).toContain(
    /"arn":"([^"]*)"/.exec(replaced!)?.[1],
  );
  expect(gaps.filter((line) => !line.includes('stream-replaced'))).toEqual([]);
}, 60_000);

/** `27:03:04.567 ...` */
const hoursOf = (line: string): number => {
  const [hours, minutes] = line.trim().split(':').map(Number);
  return hours! + minutes! / 60;
};
