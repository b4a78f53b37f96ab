import { describe, expect, test } from 'vitest';
import { bornAfter, completeUpToMs, mayHideLoss, type Promised } from '../../../shared/core/hidden-loss.ts';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import { aLease } from '../../support/shards.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const aRow = (shardId: string, changes: Partial<LeaseRow> = {}): LeaseRow => aLease({ shardId, ...changes });

const promised: Promised = {
  pointer: { start: { at: 'trim-horizon' }, startedAtMs: 10 * HOUR },
  stream: { arn: 'arn:aws:kinesis:eu-west-1:1:stream/changes', createdAtMs: HOUR },
};
const from = (momentMs: number): Promised => ({
  ...promised,
  pointer: { start: { at: 'time', momentMs }, startedAtMs: 10 * HOUR },
});

const complete = (row: LeaseRow, others: readonly LeaseRow[] = [], of: Promised = promised): number =>
  completeUpToMs(row, new Map([row, ...others].map((each) => [each.shardId, each])), of) / HOUR;

describe('a shard is complete', () => {
  test('up to its last settled record, or to when it was last caught up', () => {
    const position = afterSequenceNumber('1');

    expect(complete(aRow('a', { position, lastRecordAtMs: 20 * HOUR }))).toBe(20);
    expect(complete(aRow('a', { position, lastRecordAtMs: 20 * HOUR, caughtUpAtMs: 30 * HOUR }))).toBe(30);
  });

  test('up to the beginning of the subscription: nothing older was promised', () => {
    expect(complete(aRow('a'))).toBe(10);
    expect(complete(aRow('a', { position: afterSequenceNumber('1'), lastRecordAtMs: 5 * HOUR }))).toBe(10);
  });

  test('up to the moment at which it starts, and no further, where that lies in the past', () => {
    expect(complete(aRow('a', { position: trimHorizon(3 * HOUR) }), [], from(3 * HOUR))).toBe(3);
    expect(complete(aRow('a', { position: atSequenceNumber('1') }), [], from(3 * HOUR))).toBe(3);
  });

  test('up to the creation of its stream', () => {
    expect(complete(aRow('a'), [], from(0))).toBe(1);
  });

  test('up to the last records of its parents, where nothing of it was read', () => {
    const ended = { position: shardEnd(), caughtUpAtMs: 90 * HOUR, finishedAtMs: 90 * HOUR };
    const left = aRow('left', { ...ended, lastRecordAtMs: 20 * HOUR });
    const right = aRow('right', { ...ended, lastRecordAtMs: 30 * HOUR });
    const child = aRow('child', { parents: ['left', 'right'], position: atSequenceNumber('1') });

    expect(complete(child, [left, right])).toBe(30);
    expect(complete({ ...child, lastRecordAtMs: 25 * HOUR }, [left, right])).toBe(25);
  });

  test('up to the last record of whichever ancestor had one, and not to when a parent was finished', () => {
    const ended = { position: shardEnd(), caughtUpAtMs: 90 * HOUR, finishedAtMs: 90 * HOUR };
    const grandparent = aRow('grandparent', { ...ended, lastRecordAtMs: 20 * HOUR });
    const parent = aRow('parent', { ...ended, parents: ['grandparent'] });
    const child = aRow('child', { parents: ['parent'], position: atSequenceNumber('1') });

    expect(complete(child, [parent, grandparent])).toBe(20);
    expect(complete(child, [parent])).toBe(10);
  });

  test('also in a lineage that goes round in a circle', () => {
    const child = aRow('a', { parents: ['b'] });

    expect(complete(child, [aRow('b', { parents: ['a'] })])).toBe(10);
  });
});

test('a new shard is younger than the listing that did not show it, by a minute for listings that lag', () => {
  expect(bornAfter(aRow('a'), 20 * HOUR).caughtUpAtMs).toBe(20 * HOUR - 60_000);
  expect(bornAfter(aRow('a'), 0).caughtUpAtMs).toBeNull();
  expect(bornAfter(aRow('a', { position: shardEnd() }), 20 * HOUR).caughtUpAtMs).toBeNull();
});

test('a resume later than the retention may hide a loss, a minute early for clocks that differ', () => {
  expect(mayHideLoss(0, DAY - 60_001, DAY, false)).toBe(false);
  expect(mayHideLoss(0, DAY - 60_000, DAY, false)).toBe(true);
  expect(mayHideLoss(0, DAY, 7 * DAY, false)).toBe(false);
});

test('behind a gap only what is certain is another one', () => {
  expect(mayHideLoss(0, DAY - 1, DAY, true)).toBe(false);
  expect(mayHideLoss(0, DAY, DAY, true)).toBe(true);
});
