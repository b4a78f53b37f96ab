import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';

const WORKERS = 20;
const SHARDS = 120;

/** Twenty minutes of a table whose listing takes a minute of one worker that has all calls, beside nineteen others. */
async function twentyMinutes() {
  const calm = calmScenario({ workers: WORKERS }, {});
  const calls: number[] = [];
  const listed: number[] = [];
  const { violations } = await simulate(1, {
    walk,
    scenario: {
      ...calm,
      stream: { ...calm.stream, shards: SHARDS, pageShards: 1 },
      writeEveryMs: 5 * SECOND,
      calmAtMs: 20 * MINUTE,
      endAtMs: 25 * MINUTE,
    },
    sabotage: (ports, _process, world) => {
      const sinceMs = (): number => world.clock.nowMs() - world.startMs;
      const listShards: typeof ports.source.listShards = (...asked) => {
        calls.push(sinceMs());
        return ports.source.listShards(...asked);
      };
      return {
        ...ports,
        source: { ...ports.source, listShards },
        report: (event) => {
          ports.report(event);
          if (event.kind === 'shards-listed') listed.push(sinceMs());
        },
      };
    },
  });
  return { violations, calls, listed };
}

test('a stream that many workers share is listed well within a walk, with few calls more than one worker makes', async () => {
  const { violations, calls, listed } = await twentyMinutes();

  expect(violations).toEqual([]);
  expect(listed[0]).toBeLessThan(3 * MINUTE);
  expect(listed.length).toBeGreaterThan(5);
  // Two a second, and what a second lister makes of a listing that takes longer than its shards let expect.
  expect(calls.length).toBeLessThan((3 * 20 * MINUTE) / SECOND);
});
