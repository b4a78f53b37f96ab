import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import type { BootstrapScenario } from '../support/bootstrap-simulation/scenario.ts';
import { simulateBootstrap } from '../support/bootstrap-simulation/simulation.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';

/** A table whose stream is off when somebody subscribes, and for three minutes after. */
const LATE_STREAM: BootstrapScenario = {
  base: calmScenario({ bootstrap: {}, start: { at: 'latest' } }, { items: 10, calmAtMs: 5 * MINUTE }),
  existing: 20,
  subscribedAtMs: 5 * SECOND,
  deletes: 0.3,
  scan: { tableBytes: 1, pageItems: 5, pageMs: 0 },
  incidents: [
    { atMs: 0, what: 'stream-off' },
    { atMs: 3 * MINUTE, what: 'stream-on' },
  ],
};

test('a table is not scanned before its stream is on and the positions in it are stored', async () => {
  const trace: string[] = [];

  const { violations } = await simulateBootstrap(1, { walk, scenario: LATE_STREAM, trace });

  const on = trace.findIndex((line) => line.includes('INCIDENT: stream-on'));
  const listed = trace.findIndex((line, at) => at > on && line.includes('"isFirstListingComplete":true'));
  const scanned = trace.findIndex((line) => line.includes(' scans '));
  expect(violations).toEqual([]);
  expect(on).toBeGreaterThan(0);
  expect(listed).toBeGreaterThan(on);
  expect(scanned).toBeGreaterThan(listed);
});
