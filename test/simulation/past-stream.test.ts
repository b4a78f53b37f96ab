import { expect, test } from 'vitest';
import type { Source, State } from '../../shared/core/ports.ts';
import { walk } from '../../shared/walker.ts';
import type { BootstrapScenario } from '../support/bootstrap-simulation/scenario.ts';
import { type BootstrapSabotage, simulateBootstrap } from '../support/bootstrap-simulation/simulation.ts';
import { SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';

/** A table that is made anew, without its items, while two workers wait for the first listing, and the first run for it. */
const scenario: BootstrapScenario = {
  base: calmScenario(
    { bootstrap: { segments: 2 }, workers: 2, start: { at: 'trim-horizon' } },
    { items: 3, writeEveryMs: SECOND, calmAtMs: 60 * SECOND },
  ),
  existing: 20,
  subscribedAtMs: 2 * SECOND,
  deletes: 0.3,
  scan: { tableBytes: 1, pageItems: 10, pageMs: 0 },
  incidents: [
    { atMs: 10 * SECOND, what: 'drop-table' },
    { atMs: 11 * SECOND, what: 'create-table' },
    { atMs: 11 * SECOND, what: 'stream-on' },
  ],
};

/**
 * The first worker has asked for the table's stream before that, and lists it only after; the second asks after, and dies
 * as soon as it has written down that there is another.
 */
const sabotage =
  (failsUntilMs: number): BootstrapSabotage =>
  (ports, process, { clock, startMs }) => {
    const isBefore = (ms: number): boolean => clock.nowMs() < startMs + ms;
    const isFirst = process.worker === 0;
    const failed = { kind: 'failed', reason: 'unavailable', message: 'simulated' } as const;
    const source: Source = {
      ...ports.source,
      current: async () => {
        if (!isFirst && isBefore(15 * SECOND)) await clock.sleep(startMs + 15 * SECOND - clock.nowMs());
        const isFailing = isFirst && !isBefore(12 * SECOND) && isBefore(failsUntilMs);
        return isFailing ? failed : ports.source.current();
      },
      listShards: async (stream, after) => (isBefore(20 * SECOND) ? failed : ports.source.listShards(stream, after)),
    };
    const putControl: State['putControl'] = async (subscription, next, revision) => {
      const isWritten = await ports.state.putControl(subscription, next, revision);
      if (!isFirst && next.kind === 'stream' && next.isReplacement) process.crash();
      return isWritten;
    };
    return { ...ports, source, state: { ...ports.state, putControl } };
  };

test.each([
  ['the table had when the walk began, and has no more', 0],
  ['the table may have no more, as it cannot be described', 50 * SECOND],
])('no run begins on the positions of a stream that %s', async (_which, failsUntilMs) => {
  const { violations, run } = await simulateBootstrap(1, { walk, scenario, sabotage: sabotage(failsUntilMs) });

  expect(violations).toEqual([]);
  expect(run).toBe(1);
});
