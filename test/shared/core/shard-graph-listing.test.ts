import { describe, expect, test } from 'vitest';
import { gapAt } from '../../../shared/core/gap.ts';
import { missingParents } from '../../../shared/core/listing-doubt.ts';
import {
  planFirstListing,
  planNewShards,
  unseenShardsId,
  unseenShardsRow,
  vanishedRow,
} from '../../../shared/core/listing-plan.ts';
import type { ListedShard } from '../../../shared/core/ports.ts';
import { atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import { HOUR } from '../../support/durations.ts';
import { aLease, rows, shards } from '../../support/shards.ts';

const MOMENT = 50 * HOUR;
const NOW = 60 * HOUR;
const fromTrimHorizon = { at: 'trim-horizon' } as const;
const fromMoment = { at: 'time', momentMs: MOMENT } as const;

const orphanGap = (shard: ListedShard) =>
  gapAt(
    'parent-missing',
    { generation: 1, stream: { arn: 'arn', createdAtMs: 0 } },
    shard.shardId,
    trimHorizon(),
    NOW,
    { halts: false, delivers: false },
  );

const without = (listed: readonly ListedShard[], ...ids: readonly string[]) =>
  listed.filter((shard) => !ids.includes(shard.shardId));

describe('the first listing', () => {
  test('begins at the trim horizon of its roots alone, and at the very beginning of every other shard', () => {
    const created = planFirstListing(shards({ a: ['b'], c: [] }), fromTrimHorizon, null);

    expect(created).toEqual([
      aLease({ shardId: 'a', position: trimHorizon() }),
      aLease({ shardId: 'b', parents: ['a'], position: atSequenceNumber('200') }),
      aLease({ shardId: 'c', position: trimHorizon() }),
    ]);
  });

  test('takes a shard whose parent is not listed for a root', () => {
    const created = planFirstListing(without(shards({ a: ['b'] }), 'a'), fromTrimHorizon, null);

    expect(created).toEqual([aLease({ shardId: 'b', position: trimHorizon() })]);
  });

  test('takes a merge with one listed parent for that one’s child', () => {
    const created = planFirstListing(without(shards({ a: ['c'], b: ['c'] }), 'a'), fromTrimHorizon, null);

    expect(created).toEqual([
      aLease({ shardId: 'b', position: trimHorizon() }),
      aLease({ shardId: 'c', parents: ['b'], position: atSequenceNumber('200') }),
    ]);
  });

  test('of a re-created stream has a gap at every root', () => {
    const created = planFirstListing(shards({ a: ['b'] }), fromTrimHorizon, orphanGap);

    expect(created.map((row) => row.gap?.shardId)).toEqual(['a', undefined]);
  });

  test('from a moment lets every shard wait for it', () => {
    const created = planFirstListing(shards({ a: ['b'] }), fromMoment, null);

    expect(created).toEqual([
      aLease({ shardId: 'a', position: trimHorizon(MOMENT) }),
      aLease({ shardId: 'b', parents: ['a'], position: atSequenceNumber('200', MOMENT) }),
    ]);
  });

  test('from a moment finishes a shard unread when all its children are older', () => {
    const listed = shards({ a: ['b', 'c'] }, { b: { createdAtMs: MOMENT - 1 }, c: { createdAtMs: MOMENT - 1 } });

    expect(planFirstListing(listed, fromMoment, orphanGap)[0]).toEqual(
      aLease({ shardId: 'a', position: shardEnd(MOMENT), children: 'stored' }),
    );
  });

  test.each<readonly [string, Record<string, Partial<ListedShard>>]>([
    ['one child is as young as the moment', { b: { createdAtMs: MOMENT }, c: { createdAtMs: MOMENT - 1 } }],
    ['one child does not say how old it is', { b: { createdAtMs: null }, c: { createdAtMs: MOMENT - 1 } }],
    ['it is shown as open', { a: { isClosed: false }, b: { createdAtMs: MOMENT - 1 }, c: { createdAtMs: MOMENT - 1 } }],
  ])('from a moment reads a shard when %s', (_title, details) => {
    const [first] = planFirstListing(shards({ a: ['b', 'c'] }, details), fromMoment, null);

    expect(first?.position).toEqual(trimHorizon(MOMENT));
  });

  test('from a moment reads a closed shard whose children are not visible yet', () => {
    const listed = shards({ a: [] }, { a: { isClosed: true } });

    expect(planFirstListing(listed, fromMoment, null)[0]?.position).toEqual(trimHorizon(MOMENT));
  });

  test('from the trim horizon finishes nothing unread', () => {
    const listed = shards({ a: ['b'] }, { b: { createdAtMs: 0 } });

    expect(planFirstListing(listed, fromTrimHorizon, null)[0]?.position).toEqual(trimHorizon());
  });
});

describe('a later listing', () => {
  test('lets a root wait for the moment of the start, and leaves every child to what its parents reached', () => {
    const created = planNewShards(shards({ a: ['b'] }), new Map(), orphanGap, fromMoment);

    expect(created.map((row) => row.position)).toEqual([atSequenceNumber('100', MOMENT), atSequenceNumber('200')]);
  });

  test('lets a shard that has lost its parents wait for the moment, too', () => {
    const orphan = without(shards({ x: ['y'] }), 'x');

    const created = planNewShards(orphan, new Map(), orphanGap, fromMoment);

    expect(created.map((row) => row.position)).toEqual([atSequenceNumber('200', MOMENT)]);
    expect(vanishedRow('x', fromMoment).position).toEqual(shardEnd(MOMENT));
  });

  test('begins every new shard at its own beginning, under the parents that are listed or known', () => {
    const created = planNewShards(shards({ a: ['b'], b: ['c'] }), rows({ a: [] }), orphanGap, fromTrimHorizon);

    expect(created).toEqual([
      aLease({ shardId: 'b', parents: ['a'], position: atSequenceNumber('200') }),
      aLease({ shardId: 'c', parents: ['b'], position: atSequenceNumber('300') }),
    ]);
  });

  test('leaves every known shard as it is', () => {
    expect(planNewShards(shards({ a: ['b'] }), rows({ a: ['b'] }), orphanGap, fromTrimHorizon)).toEqual([]);
  });

  test('takes a new root for one, without a gap', () => {
    const created = planNewShards(shards({ a: [] }), new Map(), orphanGap, fromTrimHorizon);

    expect(created).toEqual([aLease({ position: atSequenceNumber('100') })]);
  });

  test('takes a parent that is known but no longer listed for a parent', () => {
    const created = planNewShards(without(shards({ a: ['b'] }), 'a'), rows({ a: [] }), orphanGap, fromTrimHorizon);

    expect(created).toEqual([aLease({ shardId: 'b', parents: ['a'], position: atSequenceNumber('200') })]);
  });

  test('finds a gap where a parent is neither known nor listed', () => {
    const listed = without(shards({ a: ['b'] }), 'a');
    const orphan = aLease({ shardId: 'b', position: atSequenceNumber('200'), gap: orphanGap(listed[0]!) });

    expect(planNewShards(listed, new Map(), orphanGap, fromTrimHorizon)).toEqual([orphan]);
  });

  test('finds a gap where one of two parents is missing', () => {
    const listed = without(shards({ a: ['c'], b: ['c'] }), 'a');

    const created = planNewShards(listed, new Map(), orphanGap, fromTrimHorizon);

    expect(created.map(({ shardId, parents, gap }) => [shardId, parents, gap?.reason])).toEqual([
      ['b', [], undefined],
      ['c', ['b'], 'parent-missing'],
    ]);
  });

  test('misses the parent that an unread shard waits for and nobody knows or lists', () => {
    const known = new Map([['b', aLease({ shardId: 'b', parents: ['a'] })]]);

    expect(missingParents(known, new Set(['b']))).toEqual(['a']);
    expect(vanishedRow('a', fromTrimHorizon)).toEqual(
      aLease({ shardId: 'a', position: shardEnd(), children: 'stored' }),
    );
  });

  test.each([
    ['the parent is listed', ['a', 'b'], aLease({ shardId: 'b', parents: ['a'] })],
    ['the child was read before', [], aLease({ shardId: 'b', parents: ['a'], epoch: 1 })],
    ['the child is at its end', [], aLease({ shardId: 'b', parents: ['a'], position: shardEnd() })],
  ])('misses none where %s', (_title, listed, row) => {
    expect(missingParents(new Map([['b', row]]), new Set(listed))).toEqual([]);
  });
});

describe('a stream that is gone before any listing', () => {
  test('leaves a row that is nothing but a gap, from the moment of the start', () => {
    const stream = { arn: 'arn:stream', createdAtMs: 7 };
    const shardId = 'shardId-00000000000000000007-unseen';

    const row = unseenShardsRow(stream, fromMoment, orphanGap);

    expect(unseenShardsId(stream)).toBe(shardId);
    expect(row).toEqual(aLease({ shardId, position: trimHorizon(MOMENT), gap: row.gap }));
    expect(row.gap?.shardId).toBe(shardId);
  });
});
