import { expect, test } from 'vitest';
import { afterSequenceNumber, atSequenceNumber, type Position, trimHorizon } from '../../../shared/core/position.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { simulatedRandom } from '../../../shared/testing/simulated-random.ts';
import { type SimulatedSourceOptions, simulatedSource } from '../../../shared/testing/simulated-source.ts';
import { type SimulatedStreamOptions, simulatedStream } from '../../../shared/testing/simulated-stream.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function aSource(options: Partial<SimulatedSourceOptions & SimulatedStreamOptions> = {}) {
  const clock = simulatedClock(0);
  const random = simulatedRandom(1);
  const stream = simulatedStream({ clock, random, ...options });
  const source = simulatedSource({ stream, clock, random, ...options });
  const identity = stream.live()!.identity;
  const [first] = stream.openShards();

  /** All pages from a position on, to the shard's end or the first page that is not full of news. */
  const pagesFrom = async (shardId: string, position: Position) => {
    const opened = await source.open(identity, shardId, position);
    if (opened.kind !== 'opened') return opened.kind;
    const pages: (readonly string[])[] = [];
    for (let next: string | null = opened.iterator; next !== null && pages.length < 20; ) {
      const page = await source.read(identity, next);
      if (page.kind !== 'page') return page.kind;
      pages.push(page.records.map(({ sequenceNumber }) => sequenceNumber));
      next = page.next;
    }
    return pages;
  };
  return { clock, stream, source, identity, shardId: first!.shardId, first: first!, pagesFrom };
}

test('a shard is read from its beginning, at a record, or after it', async () => {
  const { stream, shardId, pagesFrom, first } = aSource();
  const [a, b, c] = ['a', 'b', 'c'].map((key) => stream.write(key)!.sequenceNumber);
  stream.roll(shardId);

  const read = async (position: Position) => ((await pagesFrom(shardId, position)) as string[][]).flat();
  expect(await read(trimHorizon())).toEqual([a, b, c]);
  expect(await read(atSequenceNumber(first.startingSequenceNumber))).toEqual([a, b, c]);
  expect(await read(atSequenceNumber(b!))).toEqual([b, c]);
  expect(await read(afterSequenceNumber(b!))).toEqual([c]);
});

test('pages are as small as asked, and empty ones come before records', async () => {
  const { stream, shardId, pagesFrom } = aSource({ pageRecords: 2, emptyPages: () => 2 });
  for (const key of ['a', 'b', 'c']) stream.write(key);
  stream.roll(shardId);

  const sizes = ((await pagesFrom(shardId, trimHorizon())) as string[][]).map((page) => page.length);

  expect(sizes.slice(0, 6)).toEqual([0, 0, 2, 0, 0, 1]);
});

test('the last page of a closed shard sometimes carries records and sometimes none', async () => {
  const lengths = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const { stream, shardId, source, identity } = aSource({ random: simulatedRandom(i) });
    stream.write('a');
    stream.roll(shardId);
    const opened = await source.open(identity, shardId, trimHorizon());
    const page = opened.kind === 'opened' ? await source.read(identity, opened.iterator) : opened;
    if (page.kind === 'page') lengths.add(page.next === null ? page.records.length : 0);
  }

  expect(lengths).toEqual(new Set([0, 1]));
});

test('an open shard has no last page', async () => {
  const { stream, shardId, pagesFrom } = aSource();
  stream.write('a');

  expect(await pagesFrom(shardId, trimHorizon())).toHaveLength(20);
});

test('an iterator expires after 15 minutes, and reading gives a fresh one', async () => {
  const { clock, source, identity, shardId } = aSource();
  const opened = await source.open(identity, shardId, trimHorizon());
  const iterator = opened.kind === 'opened' ? opened.iterator : '';

  await clock.advanceTo(15 * MINUTE);
  const page = await source.read(identity, iterator);
  await clock.advanceBy(1);
  expect(await source.read(identity, iterator)).toEqual({ kind: 'expired' });
  expect(await source.read(identity, page.kind === 'page' ? page.next! : '')).toMatchObject({ kind: 'page' });
});

test('records are trimmed after 24 hours: whoever stands before them is told, TRIM_HORIZON is not', async () => {
  const { clock, stream, shardId, pagesFrom, first, source, identity } = aSource();
  const early = stream.write('a')!.sequenceNumber;
  const opened = await source.open(identity, shardId, atSequenceNumber(early));
  await clock.advanceTo(24 * HOUR - 10 * MINUTE);
  const late = stream.write('a')!.sequenceNumber;
  stream.roll(shardId);
  await clock.advanceTo(24 * HOUR);

  expect(await pagesFrom(shardId, atSequenceNumber(first.startingSequenceNumber))).toBe('trimmed');
  expect(await pagesFrom(shardId, atSequenceNumber(early))).toBe('trimmed');
  expect(await pagesFrom(shardId, afterSequenceNumber(early))).toBe('trimmed');
  expect(((await pagesFrom(shardId, trimHorizon())) as string[][]).flat()).toEqual([late]);
  expect(opened.kind === 'opened' && (await source.read(identity, opened.iterator))).toEqual({ kind: 'expired' });
});

test('the beginning of an idle shard counts as trimmed after 24 hours', async () => {
  const { clock, shardId, pagesFrom, first } = aSource();

  await clock.advanceTo(24 * HOUR);

  expect(await pagesFrom(shardId, atSequenceNumber(first.startingSequenceNumber))).toBe('trimmed');
});

test('a closed shard is gone, and listed no more, 24 hours after it closed', async () => {
  const { clock, stream, source, identity, shardId, pagesFrom } = aSource();
  stream.roll(shardId);
  await clock.advanceTo(24 * HOUR);

  const listing = await source.listShards(identity, null);

  expect(await pagesFrom(shardId, trimHorizon())).toBe('gone');
  expect(listing.kind === 'page' && listing.shards.map(({ parents }) => parents)).toEqual([[shardId]]);
});

test('the pages of a listing show every shard once, in no order of time', async () => {
  const { clock, stream, source, identity } = aSource({ shards: 3, pageShards: 2 });
  for (let i = 0; i < 5; i++) {
    await clock.advanceBy(1_000);
    stream.split(stream.openShards()[0]!.shardId);
  }

  const listed: string[] = [];
  let after: string | null = null;
  do {
    const page = await source.listShards(identity, after);
    if (page.kind !== 'page') break;
    listed.push(...page.shards.map(({ shardId }) => shardId));
    after = page.next;
  } while (after !== null);

  expect(listed).toHaveLength(13);
  expect(new Set(listed)).toEqual(new Set(stream.live()!.shards.keys()));
  expect(listed).not.toEqual(listed.toSorted());
});

test('a lagging listing shows an open parent with an open child, or a closed leaf without one', async () => {
  const shapes = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const lag = simulatedRandom(seed);
    const { clock, stream, source, identity, shardId } = aSource({ listingLagMs: () => lag.whole(0, 1) * 1_000 });
    await clock.advanceTo(2_000);
    stream.roll(shardId);
    const page = await source.listShards(identity, null);
    if (page.kind === 'page')
      shapes.add(
        page.shards
          .map(({ isClosed }) => (isClosed ? 'closed' : 'open'))
          .sort()
          .join(),
      );
  }

  expect(shapes).toEqual(new Set(['open', 'closed', 'closed,open', 'open,open']));
});

test('children can be asked for, where the engine knows how', async () => {
  const { stream, source, identity, shardId } = aSource();
  stream.split(shardId);
  const children = await source.childrenOf(identity, shardId);

  expect(children.kind === 'children' && children.shards.map(({ parents }) => parents)).toEqual([[shardId], [shardId]]);
  expect(await aSource({ tellsChildren: false }).source.childrenOf(identity, shardId)).toEqual({ kind: 'unsupported' });
});

test('a table without a stream, or none at all, is said to be so', async () => {
  const { stream, source, identity } = aSource();
  expect(await source.current()).toEqual({ kind: 'stream', stream: identity, open: true });

  stream.disable();
  expect(await source.current()).toEqual({ kind: 'stream', stream: identity, open: false });
  stream.dropTable();
  expect(await source.current()).toMatchObject({ kind: 'no-table' });
  stream.createTable();
  expect(await source.current()).toMatchObject({ kind: 'no-stream' });
  expect(await source.listShards(identity, null)).toMatchObject({ kind: 'page', open: false });
});
