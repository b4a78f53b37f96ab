import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import {
  lateParents,
  mayHaveUnseenShards,
  prematureOrphans,
  withDescendants,
} from '../../../shared/core/listing-doubt.ts';
import { planChildren } from '../../../shared/core/listing-plan.ts';
import type { ListedShard } from '../../../shared/core/ports.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import {
  isReadable,
  openingPosition,
  parentsFirst,
  removableRows,
  withoutVisibleChildren,
} from '../../../shared/core/shard-graph.ts';
import type { StreamRow } from '../../../shared/core/subscription.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';
import { aGap, aLease, rows, shards } from '../../support/shards.ts';

const NOW = 100 * HOUR;
const aStream: StreamRow = {
  kind: 'stream',
  revision: 0,
  generation: 1,
  stream: { arn: 'arn:stream', createdAtMs: 0 },
  isReplacement: false,
  isFirstListingComplete: false,
  listedAtMs: 0,
  isDrained: false,
};
const done = { position: shardEnd() };

const idsOf = (listed: readonly { readonly shardId: string }[]): readonly string[] =>
  listed.map((each) => each.shardId);

describe('shards, parents first,', () => {
  test('come in an order in which every parent precedes its children', () => {
    expect(idsOf(parentsFirst(shards({ a: ['b', 'c'], b: ['d'] }).toReversed()))).toEqual(['a', 'b', 'd', 'c']);
  });

  test('come after both parents of a merge', () => {
    expect(idsOf(parentsFirst(shards({ a: ['c'], b: ['c'] }).toReversed()))).toEqual(['b', 'a', 'c']);
  });

  test('are all there, once, even where they are each other’s parents', () => {
    expect(idsOf(parentsFirst(shards({ a: ['b'], b: ['c'], c: ['a', 'c'] }))).toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('come though a parent is not listed', () => {
    expect(idsOf(parentsFirst(shards({ a: ['b'] }).slice(1)))).toEqual(['b']);
  });
});

describe('a shard can be read', () => {
  test('when it is a root', () => {
    expect(isReadable(aLease(), new Map())).toBe(true);
  });

  test('when all its parents are at their end, and not before (I5)', () => {
    const tree = { a: ['c'], b: ['c'] };
    const child = rows(tree).get('c')!;

    expect(isReadable(child, rows(tree, { a: done, b: done }))).toBe(true);
    expect(isReadable(child, rows(tree, { a: done }))).toBe(false);
    expect(isReadable(child, rows({ a: ['c'] }, { a: done }))).toBe(false);
  });

  test('when it was read before, whatever became of its parents', () => {
    expect(isReadable(aLease({ parents: ['gone'], epoch: 1 }), new Map())).toBe(true);
  });

  test('never at its end, nor at a gap that halts it', () => {
    expect(isReadable(aLease({ ...done, epoch: 1 }), new Map())).toBe(false);
    expect(isReadable(aLease({ epoch: 1, gap: aGap({ status: 'halted' }) }), new Map())).toBe(false);
    expect(isReadable(aLease({ gap: aGap({ status: 'undelivered' }) }), new Map())).toBe(true);
  });
});

describe('a row is opened', () => {
  const MOMENT = 5 * HOUR;
  const BEGINNING = atSequenceNumber('300');
  const BEFORE = { position: shardEnd(MOMENT) };

  test.each<readonly [string, Partial<LeaseRow>, Record<string, Partial<LeaseRow>>, LeaseRow['position']]>([
    [
      'where it is, once it has been read',
      { epoch: 1, position: afterSequenceNumber('310', 1) },
      { a: done, b: done },
      afterSequenceNumber('310', 1),
    ],
    ['at its beginning, where its parents reached the moment', {}, { a: done, b: done }, BEGINNING],
    ['at its beginning, where one parent reached the moment', {}, { a: BEFORE, b: done }, BEGINNING],
    [
      'without the moment of the listing, where its parents reached it',
      { position: atSequenceNumber('300', MOMENT) },
      { a: done, b: done },
      BEGINNING,
    ],
    ['with the moment of parents that ended before it', {}, { a: BEFORE, b: BEFORE }, atSequenceNumber('300', MOMENT)],
  ])('%s', (_title, child, parents, position) => {
    const known = rows({ a: ['c'], b: ['c'] }, { ...parents, c: { position: BEGINNING, ...child } });

    expect(openingPosition(known.get('c')!, known)).toEqual(position);
  });

  test('where it is, when it is a root', () => {
    expect(openingPosition(aLease({ position: trimHorizon(MOMENT) }), new Map())).toEqual(trimHorizon(MOMENT));
  });

  test('at its beginning, where nobody knows its parent any more', () => {
    const child = aLease({ parents: ['gone'], position: atSequenceNumber('300', MOMENT) });

    expect(openingPosition(child, new Map())).toEqual(BEGINNING);
  });
});

describe('a finished shard without visible children', () => {
  const childless = { ...done, children: 'not-visible', finishedAtMs: NOW } as const;

  test('is looked for until 25 hours after its end, when the source has long stopped listing it', () => {
    const known = rows({ a: [] }, { a: childless });

    expect(idsOf(withoutVisibleChildren(known, NOW + 25 * HOUR - 1))).toEqual(['a']);
    expect(withoutVisibleChildren(known, NOW + 25 * HOUR)).toEqual([]);
  });

  test('is found once a row names it as parent', () => {
    expect(withoutVisibleChildren(rows({ a: ['b'] }, { a: childless }), NOW)).toEqual([]);
  });

  test('is none that is unread, or whose children are stored', () => {
    const known = rows({ a: [], b: [] }, { a: { ...childless, children: 'stored' } });

    expect(withoutVisibleChildren(known, NOW)).toEqual([]);
  });

  test('counts from now where nobody knows when it ended', () => {
    const known = rows({ a: [] }, { a: { ...childless, finishedAtMs: null } });

    expect(idsOf(withoutVisibleChildren(known, NOW))).toEqual(['a']);
  });
});

describe('a shard whose parent is not listed', () => {
  const young = { createdAtMs: NOW - 24 * HOUR + 1 };
  const orphan = (details: Partial<ListedShard>, tree = { a: ['b'] }) => shards(tree, { b: details }).slice(1);

  test('shows that the listing is incomplete, while the parent cannot have been trimmed', () => {
    expect(idsOf(prematureOrphans(orphan(young), new Map(), NOW))).toEqual(['b']);
  });

  test('is believed when it is a day old', () => {
    expect(prematureOrphans(orphan({ createdAtMs: NOW - 24 * HOUR }), new Map(), NOW)).toEqual([]);
  });

  test('is doubted when it does not say how old it is', () => {
    expect(idsOf(prematureOrphans(orphan({ createdAtMs: null }), new Map(), NOW))).toEqual(['b']);
  });

  test('is believed when the parent, or the shard itself, is known', () => {
    expect(prematureOrphans(orphan(young), rows({ a: [] }), NOW)).toEqual([]);
    expect(prematureOrphans(orphan(young), rows({ b: [] }), NOW)).toEqual([]);
  });

  test('is doubted where only one of two parents is listed', () => {
    const listed = shards({ a: ['c'], b: ['c'] }, { c: young });

    expect(
      idsOf(
        prematureOrphans(
          listed.filter(({ shardId }) => shardId !== 'b'),
          new Map(),
          NOW,
        ),
      ),
    ).toEqual(['c']);
    expect(prematureOrphans(listed, new Map(), NOW)).toEqual([]);
  });
});

describe('a shard that has to wait', () => {
  const listed = shards({ a: ['b'], b: ['c'], c: ['d'], e: ['f'] });
  const waiting = listed.filter(({ shardId }) => shardId === 'b');

  test('lets all that descends from it wait, in whatever order that is listed', () => {
    expect([...withDescendants(waiting, listed, new Map())]).toEqual(['b', 'c', 'd']);
    expect([...withDescendants(waiting, listed.toReversed(), new Map())]).toEqual(['b', 'c', 'd']);
  });

  test('lets nothing wait that is known, nor what descends from that', () => {
    expect([...withDescendants(waiting, listed, rows({ c: [] }))]).toEqual(['b']);
  });

  test('is none where nothing waits', () => {
    expect(withDescendants([], listed, new Map()).size).toBe(0);
  });
});

describe('a parent that is listed after its child', () => {
  const listed = shards({ a: ['b'] });

  test('is late when the child was taken for a shard without it', () => {
    expect(lateParents(listed, rows({ b: [] }))).toEqual([{ shardId: 'b', parent: 'a' }]);
  });

  test('is not when the child waits for it, is new itself, or knows it', () => {
    expect(lateParents(listed, new Map([['b', aLease({ shardId: 'b', parents: ['a'] })]]))).toEqual([]);
    expect(lateParents(listed, new Map())).toEqual([]);
    expect(lateParents(listed, rows({ a: [], b: [] }))).toEqual([]);
  });
});

describe('a stream may have shards that nobody has seen', () => {
  const listing = (changes: Partial<StreamRow>) => ({ ...aStream, isFirstListingComplete: true, ...changes });
  const finishedAt = (finishedAtMs: number) => rows({ a: [] }, { a: { ...done, finishedAtMs } });

  test('before its first listing is complete', () => {
    expect(mayHaveUnseenShards(listing({ isFirstListingComplete: false }), new Map(), new Set())).toBe(true);
    expect(mayHaveUnseenShards(listing({}), new Map(), new Set())).toBe(false);
  });

  test('until it is listed a minute after a shard was at its end', () => {
    expect(mayHaveUnseenShards(listing({ listedAtMs: NOW }), finishedAt(NOW - MINUTE + 1), new Set())).toBe(true);
    expect(mayHaveUnseenShards(listing({ listedAtMs: NOW }), finishedAt(NOW - MINUTE), new Set())).toBe(false);
    expect(mayHaveUnseenShards(listing({ listedAtMs: NOW }), rows({ a: [] }), new Set())).toBe(false);
  });

  test('but for what came after a shard that vanished, of which its gap has told', () => {
    expect(mayHaveUnseenShards(listing({ listedAtMs: 0 }), finishedAt(NOW), new Set(['a']))).toBe(false);
  });
});

describe('a row may be removed', () => {
  test('when its shard is at its end and no longer listed', () => {
    const known = rows({ a: [], b: [], c: [] }, { a: done, b: done });

    expect(idsOf(removableRows(known, new Set(['b', 'c'])))).toEqual(['a']);
  });

  test('only once, so that its moment stays', () => {
    const known = rows({ a: [] }, { a: { ...done, removeAtMs: NOW } });

    expect(removableRows(known, new Set())).toEqual([]);
  });

  test('not while an unread child waits for it', () => {
    const tree = { a: ['b'] };

    expect(removableRows(rows(tree, { a: done }), new Set())).toEqual([]);
    expect(idsOf(removableRows(rows(tree, { a: done, b: { epoch: 1 } }), new Set()))).toEqual(['a']);
    expect(idsOf(removableRows(rows(tree, { a: done, b: done }), new Set()))).toEqual(['a', 'b']);
  });

  test('not while it is unread', () => {
    expect(removableRows(rows({ a: [] }), new Set())).toEqual([]);
  });
});

describe('the children of a shard at its end', () => {
  test('become rows at their own beginnings, under their parents', () => {
    const children = shards({ a: ['b', 'c'] }).slice(1);

    expect(planChildren(children, rows({ a: [] }))).toEqual([
      aLease({ shardId: 'b', parents: ['a'], position: atSequenceNumber('200') }),
      aLease({ shardId: 'c', parents: ['a'], position: atSequenceNumber('300') }),
    ]);
  });

  test('stay as they are where they are known', () => {
    const tree = { a: ['b', 'c'] };

    expect(idsOf(planChildren(shards(tree).slice(1), rows({ a: ['b'] })))).toEqual(['c']);
  });
});
