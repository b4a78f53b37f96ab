import { describe, expect, test } from 'vitest';
import { planFirstListing } from '../../../shared/core/listing-plan.ts';
import { shardEnd } from '../../../shared/core/position.ts';
import {
  isCaughtUpSince,
  scanPart,
  scanShards,
  scanStream,
  segmentsFor,
  streamArnOf,
} from '../../../shared/core/scan.ts';
import { isReadable } from '../../../shared/core/shard-graph.ts';
import { SECOND } from '../../support/durations.ts';
import { aGap, aLease } from '../../support/shards.ts';

describe('a scan', () => {
  test('is a stream of its own for every run, and knows the table’s', () => {
    const arn = 'arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x';

    expect(scanStream(arn, 2)).not.toEqual(scanStream(arn, 3));
    expect(streamArnOf(scanStream(arn, 2))).toBe(arn);
  });

  test('is read from its beginning over all segments to its end', () => {
    const created = planFirstListing(scanShards(2), { at: 'trim-horizon' }, null);
    const rows = new Map(created.map((row) => [row.shardId, row]));
    const readable = () => [...rows.values()].filter((row) => isReadable(row, rows)).map((row) => row.shardId);
    const finish = (shardId: string) => rows.set(shardId, { ...rows.get(shardId)!, position: shardEnd() });

    expect(readable()).toEqual(['started']);
    finish('started');
    expect(readable()).toEqual(['segment-0-of-2', 'segment-1-of-2']);
    finish('segment-0-of-2');
    expect(readable()).toEqual(['segment-1-of-2']);
    finish('segment-1-of-2');
    expect(readable()).toEqual(['complete']);
  });

  test('has closed shards that say no age', () => {
    for (const shard of scanShards(2))
      expect(shard).toMatchObject({ isClosed: true, createdAtMs: null, startingSequenceNumber: '0' });
  });

  test.each([
    ['started', { kind: 'started' }],
    ['complete', { kind: 'complete' }],
    ['segment-11-of-12', { kind: 'segment', segment: 11, segments: 12 }],
    ['shardId-00000001573689847184-864758bb', null],
    ['segment-1-of-2x', null],
    ['a-segment-1-of-2', null],
  ])('reads the shard id %j', (shardId, part) => {
    expect(scanPart(shardId)).toEqual(part);
  });

  test.each([
    [0, 1],
    [1_073_741_824, 1],
    [1_073_741_825, 2],
    [10 ** 15, 1_000],
  ])('has a segment a gigabyte, one at least and a thousand at most: %d bytes', (bytes, segments) => {
    expect(segmentsFor(bytes)).toBe(segments);
  });
});

describe('shards are caught up since a moment', () => {
  const since = 10 * SECOND;
  const isCaughtUp = (...leases: Parameters<typeof aLease>[0][]) =>
    isCaughtUpSince(
      leases.map((lease) => aLease(lease)),
      since,
    );

  test('when each has had a record, or none left to read, since', () => {
    expect(
      isCaughtUp({ lastRecordAtMs: since }, { caughtUpAtMs: since }, { lastRecordAtMs: 1, caughtUpAtMs: since }),
    ).toBe(true);
    expect(isCaughtUp()).toBe(true);
  });

  test('not while one is unread, or was last seen before', () => {
    expect(isCaughtUp({ caughtUpAtMs: since }, {})).toBe(false);
    expect(isCaughtUp({ lastRecordAtMs: since - 1, caughtUpAtMs: since - 1 })).toBe(false);
  });

  test('whatever those say that are finished, or halted at a gap', () => {
    expect(isCaughtUp({ position: shardEnd() }, { gap: aGap({ status: 'halted' }) })).toBe(true);
    expect(isCaughtUp({ gap: aGap({ status: 'reported' }) })).toBe(false);
  });
});
