import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import type { BootstrapScenario } from '../support/bootstrap-simulation/scenario.ts';
import { simulateBootstrap } from '../support/bootstrap-simulation/simulation.ts';
import { SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';

const PAGE = 10;
const BATCH = 5;
const ITEMS = 200;

/** A table that nobody writes to, and a handler that takes a second for a batch. */
const QUIET: BootstrapScenario = {
  base: calmScenario(
    { bootstrap: { segments: 1 }, batchSize: BATCH, start: { at: 'latest' } },
    { items: 1, recordMs: 100, calmAtMs: 0 },
  ),
  existing: ITEMS,
  subscribedAtMs: 20 * SECOND,
  deletes: 0,
  scan: { tableBytes: 1, pageItems: PAGE, pageMs: 0 },
  incidents: [],
};

test('a walk that crashes while it scans repeats at most a page, and what was in flight', async () => {
  const repeated: number[] = [];
  for (let afterMs = 22 * SECOND; afterMs < 42 * SECOND; afterMs += 700) {
    const delivered: string[] = [];
    const { violations } = await simulateBootstrap(1, {
      walk,
      scenario: QUIET,
      sabotage: (ports, process, world) => {
        if (process.name.startsWith('walk 1 '))
          world.clock.after(world.startMs + afterMs - world.clock.nowMs(), process.crash);
        const deliver: typeof ports.sink.deliver = (batch) => {
          if (batch.shardId.startsWith('segment')) delivered.push(...batch.sequenceNumbers);
          return ports.sink.deliver(batch);
        };
        return { ...ports, sink: { deliver } };
      },
    });

    expect(violations).toEqual([]);
    expect(new Set(delivered).size).toBe(ITEMS);
    repeated.push(delivered.length - ITEMS);
  }

  expect(Math.max(...repeated)).toBeLessThanOrEqual(PAGE + BATCH);
  expect(Math.max(...repeated)).toBeGreaterThan(0);
}, 60_000);
