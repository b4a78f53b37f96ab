import { expect, test } from 'vitest';
import type { WalkSummary } from '../../shared/core/walk-event.ts';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { simulate, type Walk } from '../support/simulation/simulation.ts';

const SHARDS = 3;
const calm = calmScenario({}, {});

/** The walks of a table that is written to once in a while, over half an hour. */
async function walksOfQuietTable(): Promise<readonly WalkSummary[]> {
  const summaries: WalkSummary[] = [];
  const counting: Walk = async (request, ports, limits) => {
    const summary = await walk(request, ports, limits);
    summaries.push(summary);
    return summary;
  };
  const scenario = {
    ...calm,
    stream: { ...calm.stream, shards: SHARDS },
    writeEveryMs: 15 * MINUTE,
    calmAtMs: 30 * MINUTE,
    endAtMs: 31 * MINUTE,
  };
  const { violations } = await simulate(1, { walk: counting, scenario });
  expect(violations).toEqual([]);
  return summaries;
}

test('a walk of a quiet table leaves as soon as it has seen that every shard is still quiet, and not before', async () => {
  const walks = await walksOfQuietTable();
  const quiet = walks.filter(({ reason, records }) => reason === 'idle' && records === 0);

  expect(quiet.length).toBeGreaterThan(10);
  for (const { pages } of quiet) expect(pages).toBeGreaterThanOrEqual(SHARDS);
  // An iterator that has expired makes one of them count its empty pages anew.
  const short = quiet.filter(({ durationMs, pages }) => durationMs < SECOND && pages <= 2 * SHARDS);
  expect(short.length).toBeGreaterThan(quiet.length - 3);
  expect(Math.max(...quiet.map(({ durationMs }) => durationMs))).toBeLessThan(5 * SECOND);
});
