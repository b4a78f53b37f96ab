import { expect, test } from 'vitest';
import type { State } from '../../shared/core/ports.ts';
import type { ScanPorts } from '../../shared/walker/context.ts';
import { walk } from '../../shared/walker.ts';
import type { BootstrapScenario } from '../support/bootstrap-simulation/scenario.ts';
import { type BootstrapSabotage, simulateBootstrap } from '../support/bootstrap-simulation/simulation.ts';
import { SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';

/** Two workers, a table that nobody writes to, and a scan of three segments. */
const scenario: BootstrapScenario = {
  base: calmScenario(
    { bootstrap: { segments: 3 }, workers: 2, leaseDurationMs: 5 * SECOND, start: { at: 'latest' } },
    { items: 1, calmAtMs: 0 },
  ),
  existing: 20,
  subscribedAtMs: 10 * SECOND,
  deletes: 0,
  scan: { tableBytes: 1, pageItems: 10, pageMs: 0 },
  incidents: [],
};

/**
 * The second worker lists the scan: the rows of the segments are written so long after that of the beginning, and it learns
 * late that its listing is complete. The first reads the beginning meanwhile.
 */
const slowly =
  (ms: number): BootstrapSabotage =>
  (ports, process, { clock }) => {
    const source: ScanPorts['source'] = (...of) => ({
      ...ports.scan!.source(...of),
      listShards: async () => ({ kind: 'failed', reason: 'throttled', message: 'simulated' }),
    });
    if (process.worker === 0) return { ...ports, scan: { ...ports.scan!, source } };
    const createLeases: State['createLeases'] = async (key, rows) => {
      if (rows.some(({ shardId }) => shardId.startsWith('segment'))) await clock.sleep(ms);
      return ports.state.createLeases(key, rows);
    };
    const putControl: State['putControl'] = async (subscription, next, revision) => {
      const isWritten = await ports.state.putControl(subscription, next, revision);
      if (next.kind === 'stream' && next.run !== undefined && next.isFirstListingComplete)
        await clock.sleep(5 * SECOND);
      return isWritten;
    };
    return { ...ports, state: { ...ports.state, createLeases, putControl } };
  };

test('a worker that has seen only a part of the rows of a scan does not take the run for over', async () => {
  const broken: string[] = [];
  for (let ms = 0; ms <= 6 * SECOND; ms += 200) {
    const { violations } = await simulateBootstrap(1, { walk, scenario, sabotage: slowly(ms) });
    for (const { message } of violations) broken.push(`${ms} ms: ${message}`);
  }

  expect(broken).toEqual([]);
});
