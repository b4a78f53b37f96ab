import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { type Sabotage, simulate } from '../support/simulation/simulation.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const calm = calmScenario({}, { incidents: [{ atMs: 10 * SECOND, what: 'roll' }], calmAtMs: 5 * MINUTE });

/** Shards whose ids tell no time, read from 20 seconds on; listings leave the oldest out until `shownAtMs`. */
async function readWithHiddenParent(shownAtMs: number) {
  const sabotage: Sabotage = (ports, _process, { clock, startMs, stream }) => ({
    ...ports,
    source: {
      ...ports.source,
      listShards: async (identity, after) => {
        const now = clock.nowMs() - startMs;
        if (now < 20 * SECOND) return { kind: 'failed', reason: 'throttled', message: 'simulated' };
        const page = await ports.source.listShards(identity, after);
        const oldest = stream.lives[0]!.shards.keys().next().value;
        if (page.kind !== 'page' || now >= shownAtMs) return page;
        return { ...page, shards: page.shards.filter(({ shardId }) => shardId !== oldest) };
      },
    },
  });
  const scenario = { ...calm, stream: { ...calm.stream, idsTellTime: false } };
  return simulate(1, { walk, scenario, sabotage });
}

test('a shard of unknown age waits for a parent that the next listing shows', async () => {
  const { violations, records } = await readWithHiddenParent(40 * SECOND);

  expect(violations).toEqual([]);
  expect(records).toBeGreaterThan(100);
});
