import { expect, test } from 'vitest';
import type { Sink } from '../../shared/core/ports.ts';
import type { WalkEvent, WalkSummary } from '../../shared/core/walk-event.ts';
import { parseWalkRequest } from '../../shared/request.ts';
import { simulatedClock } from '../../shared/testing/simulated-clock.ts';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { simulatedSource } from '../../shared/testing/simulated-source.ts';
import { simulatedState } from '../../shared/testing/simulated-state.ts';
import { simulatedStream } from '../../shared/testing/simulated-stream.ts';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';

const OPEN = 40;
const request = parseWalkRequest({ ...calmScenario({}, {}).request, worker: 0, start: { at: 'latest' } });

/** A walk each minute for half an hour of a table that nobody writes to, of which each listing takes so many calls. */
async function quietWalks({ generations, pageShards }: { readonly generations: number; readonly pageShards: number }) {
  const clock = simulatedClock();
  const random = simulatedRandom(1);
  const stream = simulatedStream({ clock, random, shards: OPEN });
  for (let generation = 1; generation < generations; generation++) {
    for (const { shardId } of stream.openShards()) stream.roll(shardId);
    await clock.advanceBy(10 * MINUTE);
  }
  const plain = simulatedSource({ stream, clock, random, pageShards });
  const listed: number[] = [];
  const source: typeof plain = {
    ...plain,
    listShards: (...asked) => {
      listed.push(clock.nowMs());
      return plain.listShards(...asked);
    },
  };
  const readAtMs = new Map<string, number>();
  let unreadMs = 0;
  const report = (event: WalkEvent): void => {
    if (event.kind !== 'page-read') return;
    const nowMs = clock.nowMs();
    unreadMs = Math.max(unreadMs, nowMs - (readAtMs.get(event.shardId) ?? nowMs));
    readAtMs.set(event.shardId, nowMs);
  };
  const sink: Sink = { deliver: async () => ({ kind: 'answered', response: null }) };
  const state = simulatedState({ clock });
  let id = 0;
  const ports = { source, sink, state, clock, random: random.next, report, newId: () => `walk-${id++}` };
  const walks: Promise<WalkSummary>[] = [];
  for (let minute = 0; minute < 30; minute++) {
    walks.push(walk(request, ports, { deadlineMs: clock.nowMs() + 15 * MINUTE, pageBytes: 2 ** 28 }));
    await clock.advanceBy(MINUTE);
  }
  await clock.advanceBy(15 * MINUTE);
  return { walks: await Promise.all(walks), calls: listed.length, unreadMs };
}

test('a stream whose listing takes long is listed for a fifth of the time, and its idle shards rest meanwhile', async () => {
  // 5,000 shards in a day, of which few are open: 50 calls, 25 seconds.
  const { walks, calls } = await quietWalks({ generations: 125, pageShards: 100 });
  const [first, ...later] = walks;
  const listing = later.filter(({ durationMs }) => durationMs > 10 * SECOND);

  expect(first!.durationMs).toBeGreaterThan(25 * SECOND);
  // A listing of 50 pages every third walk, where it would be every one.
  expect(calls).toBeLessThanOrEqual(50 * 12);
  expect(calls).toBeGreaterThan(50 * 8);
  expect(listing.length).toBeGreaterThan(8);
  // 25 seconds of reading every five would be five pages of each shard.
  for (const each of listing) expect(each.pages).toBeLessThanOrEqual(2 * OPEN);
  for (const each of later) expect(each.lagMs).toBeLessThan(2 * MINUTE);
});

test('a shard that rests is read before the tick that finds its walk still there, which would have read it', async () => {
  // 124 calls: just over a minute.
  const { walks, unreadMs } = await quietWalks({ generations: 31, pageShards: 10 });
  const [, ...later] = walks;

  expect(later.filter(({ durationMs }) => durationMs > MINUTE).length).toBeGreaterThan(3);
  expect(later.filter(({ reason }) => reason === 'slot-held').length).toBeGreaterThan(3);
  expect(unreadMs).toBeLessThan(70 * SECOND);
});
