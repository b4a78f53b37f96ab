import { expect, test } from 'vitest';
import type { WalkSummary } from '../../shared/core/walk-event.ts';
import { walk } from '../../shared/walker.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { simulate, type Walk } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The age of the oldest record that is not accepted yet, in milliseconds. */
function oldestAgeMs({ ledger, stream, clock }: World): number {
  const accepted = ledger.generations.get(1)?.accepted;
  const records = stream.lives.flatMap(({ shards }) => [...shards.values()]).flatMap((shard) => shard.records);
  const oldest = records.find(({ event }) => !accepted?.has(event.eventID));
  return oldest ? clock.nowMs() - oldest.writtenAtMs : 0;
}

/** Twenty minutes of a busy table, read by walks of five minutes; a look at the oldest waiting change every second. */
async function twentyMinutes(workers: number) {
  const ages: number[] = [];
  const summaries: WalkSummary[] = [];
  const listings = new Map<string, number>();
  const counting: Walk = async (request, ports, limits) => {
    let lists = 0;
    const source = {
      ...ports.source,
      listShards: (...args: Parameters<typeof ports.source.listShards>) => {
        lists++;
        return ports.source.listShards(...args);
      },
    };
    const summary = await walk(request, { ...ports, source }, limits);
    summaries.push(summary);
    if (summary.reason === 'slot-held') listings.set(`${summaries.length}`, lists);
    return summary;
  };
  const result = await simulate(1, {
    walk: counting,
    scenario: calmScenario({ workers }, { walkMs: 5 * MINUTE, calmAtMs: 20 * MINUTE, endAtMs: 25 * MINUTE }),
    onWorld: (world) => {
      const look = () => {
        ages.push(oldestAgeMs(world));
        world.clock.after(SECOND, look);
      };
      world.clock.after(MINUTE, look);
    },
  });
  return { result, summaries, listings, worstMs: Math.max(...ages) };
}

test.each([1, 2])('%i workers hand over to their next walks without a hole in latency', async (workers) => {
  const { result, summaries, worstMs } = await twentyMinutes(workers);

  expect(result.violations).toEqual([]);
  expect(summaries.filter(({ reason }) => reason === 'hand-over').length).toBeGreaterThanOrEqual(3 * workers);
  expect(worstMs).toBeLessThan(5 * SECOND);
});

test('a tick that finds its slot held leaves within a second and lists nothing', async () => {
  const { summaries, listings } = await twentyMinutes(1);
  const refused = summaries.filter(({ reason, durationMs }) => reason === 'slot-held' && durationMs < 10 * SECOND);

  expect(refused.length).toBeGreaterThan(3);
  for (const { durationMs } of refused) expect(durationMs).toBeLessThan(SECOND);
  expect(new Set(listings.values())).toEqual(new Set([0]));
});
