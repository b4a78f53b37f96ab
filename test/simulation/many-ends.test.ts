import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const SHARDS = 120;
const ROLLED_AT_MS = 3 * MINUTE;

/** How long after all shards rolled at once each of their ends was stored, with so many workers. */
async function endsAfterMs(workers: number) {
  const calm = calmScenario({ workers }, {});
  const ends: number[] = [];
  const onWorld = ({ clock, stream }: World) => {
    clock.after(ROLLED_AT_MS, () => {
      for (const { shardId } of stream.openShards()) stream.roll(shardId);
    });
  };
  const { violations } = await simulate(1, {
    walk,
    onWorld,
    scenario: {
      ...calm,
      stream: { ...calm.stream, shards: SHARDS },
      items: SHARDS,
      writeEveryMs: SECOND,
      calmAtMs: 8 * MINUTE,
      endAtMs: 12 * MINUTE,
    },
    sabotage: (ports, _process, { clock, startMs }) => ({
      ...ports,
      report: (event) => {
        ports.report(event);
        if (event.kind === 'shard-finished') ends.push(clock.nowMs() - startMs - ROLLED_AT_MS);
      },
    }),
  });
  expect(violations).toEqual([]);
  return ends.filter((afterMs) => afterMs > 0);
}

test.each([
  ['one worker', 1],
  ['twenty workers, which share the calls', 20],
])('no shard waits long for its turn to ask for its children: %s', async (_title, workers) => {
  const ends = await endsAfterMs(workers);

  expect(ends.length).toBeGreaterThanOrEqual(SHARDS);
  // A tick until an idle shard is read again, and a few calls.
  expect(Math.max(...ends.slice(0, SHARDS))).toBeLessThan(90 * SECOND);
});
