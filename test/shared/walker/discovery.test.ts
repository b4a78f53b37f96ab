import { expect, test } from 'vitest';
import type { ListedPage, Source } from '../../../shared/core/ports.ts';
import { ShardRows } from '../../../shared/core/shard-rows.ts';
import type { StreamRow } from '../../../shared/core/subscription.ts';
import type { WalkContext } from '../../../shared/walker/context.ts';
import { listStream } from '../../../shared/walker/discovery.ts';
import { SECOND } from '../../support/durations.ts';
import { aLease, shards } from '../../support/shards.ts';
import { aWalk, KEY, type TestWalk } from '../../support/walk-context.ts';

const LISTED: StreamRow = {
  kind: 'stream',
  revision: 0,
  generation: 1,
  stream: KEY.stream,
  isReplacement: false,
  isFirstListingComplete: true,
  listedAtMs: 0,
  isDrained: false,
};

const noStop = new AbortController().signal;

/** A walk whose source lists what it is told, and which knows the rows that are stored. */
async function listing(walk: TestWalk, page: ListedPage): Promise<WalkContext> {
  const context = walk.context('walk-1');
  const source = { listShards: async () => page, iteratorLifetimeMs: 1 } as Partial<Source> as Source;
  const rows = new ShardRows(await walk.state.leases(KEY));
  return { ...context, ports: { ...context.ports, source }, rows };
}

const page = (listed: ReturnType<typeof shards>): ListedPage => ({
  kind: 'page',
  shards: listed,
  next: null,
  open: true,
});

test('a parent that is listed after its child was begun is reported: the order of the two is lost', async () => {
  const walk = await aWalk();
  await walk.state.createLeases(KEY, [aLease({ shardId: 'b', epoch: 1 })]);
  const context = await listing(walk, page(shards({ a: ['b'] })));

  await listStream(context, LISTED, new Map(), noStop);

  expect(walk.events).toContainEqual(expect.objectContaining({ kind: 'lineage-violated', shardId: 'b', parent: 'a' }));
  expect(context.rows.get('a')).toMatchObject({ parents: [], epoch: 0 });
});

test('a shard of unknown age whose parent is not listed is believed when a later listing says the same', async () => {
  const walk = await aWalk();
  const context = await listing(walk, page(shards({ a: ['b'] }).slice(1)));
  const doubts = new Map<string, number>();
  await walk.state.putControl(KEY.subscription, LISTED, null);

  const first = await listStream(context, LISTED, doubts, noStop);
  await walk.clock.advanceBy(30 * SECOND);
  const second = await listStream(context, first!.stream, doubts, noStop);

  expect([first?.isDoubtful, second?.isDoubtful]).toEqual([true, false]);
  // What the first one showed is not younger than it.
  expect([first?.stream.listedAtMs, second?.stream.listedAtMs]).toEqual([0, 30 * SECOND]);
  expect(context.rows.get('b')?.gap?.reason).toBe('parent-missing');
});

test('a parent that an interrupted first listing has stored is waited for, although the next listing hides it', async () => {
  const walk = await aWalk();
  await walk.state.createLeases(KEY, [aLease({ shardId: 'a' })]);
  const context = await listing(walk, page(shards({ a: ['b'] }).slice(1)));
  const unlisted = { ...LISTED, isFirstListingComplete: false };
  const doubts = new Map<string, number>();
  await walk.state.putControl(KEY.subscription, unlisted, null);

  await listStream(context, unlisted, doubts, noStop);
  await walk.clock.advanceBy(30 * SECOND);
  await listStream(context, unlisted, doubts, noStop);

  expect(context.rows.get('b')).toMatchObject({ parents: ['a'], position: { at: 'at-sequence-number' }, gap: null });
});

test('a stream that is gone is asked for again before what nobody saw of it counts as lost', async () => {
  const walk = await aWalk();
  await walk.clock.advanceBy(25 * 60 * 60 * SECOND);
  const context = await listing(walk, { kind: 'gone' });
  const doubts = new Map<string, number>();
  const unlisted = { ...LISTED, isFirstListingComplete: false };
  await walk.state.putControl(KEY.subscription, unlisted, null);

  const first = await listStream(context, unlisted, doubts, noStop);
  const rowsThen = context.rows.size;
  await walk.clock.advanceBy(30 * SECOND);
  const second = await listStream(context, unlisted, doubts, noStop);

  expect([first?.isOpen, rowsThen]).toEqual([true, 0]);
  expect(second?.isOpen).toBe(false);
  expect([...context.rows.values()].map((row) => row.gap?.reason)).toEqual(['shard-vanished']);
});

test('a stream that a listing in between has shown is asked for again before it counts as gone', async () => {
  const walk = await aWalk();
  await walk.clock.advanceBy(25 * 60 * 60 * SECOND);
  const finishedAtMs = walk.clock.nowMs();
  await walk.state.createLeases(KEY, [aLease({ shardId: 'a', position: { at: 'shard-end' }, finishedAtMs })]);
  await walk.state.putControl(KEY.subscription, LISTED, null);
  const doubts = new Map<string, number>();
  const list = async (answer: ListedPage, stream: StreamRow) =>
    listStream(await listing(walk, answer), stream, doubts, noStop);

  await list({ kind: 'gone' }, LISTED);
  await walk.clock.advanceBy(20 * SECOND);
  const shown = await list(page(shards({ a: [] })), LISTED);
  await walk.clock.advanceBy(10 * SECOND);
  const gone = await list({ kind: 'gone' }, shown!.stream);

  expect(gone).toMatchObject({ isOpen: true, isDoubtful: true });
  expect(await walk.state.gaps(KEY.subscription)).toEqual([]);
});

test('a missing parent that another worker has stored meanwhile is taken as it is stored, and is no gap', async () => {
  const walk = await aWalk();
  await walk.state.createLeases(KEY, [aLease({ shardId: 'c', parents: ['b'] })]);
  await walk.state.putControl(KEY.subscription, LISTED, null);
  const context = await listing(walk, page(shards({ c: [] })));
  const doubts = new Map<string, number>();

  const first = await listStream(context, LISTED, doubts, noStop);
  await walk.state.createLeases(KEY, [aLease({ shardId: 'b' })]);
  await walk.clock.advanceBy(30 * SECOND);
  await listStream(context, first!.stream, doubts, noStop);

  expect(context.rows.get('b')).toEqual(await walk.state.lease(KEY, 'b'));
  expect(await walk.state.gaps(KEY.subscription)).toEqual([]);
});
