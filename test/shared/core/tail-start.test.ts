import { describe, expect, test } from 'vitest';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import type { Positions } from '../../../shared/core/positions-file.ts';
import { beginTail, tailAt, toldUpTo } from '../../../shared/core/tail-start.ts';
import { aLease, shards } from '../../support/shards.ts';

const NOW = 1_800_000_000_400;
const listed = shards({ a: ['b', 'c'] });
const positionsOf = (rows: ReturnType<typeof beginTail>['rows']) =>
  Object.fromEntries(rows.map((row) => [row.shardId, row.position]));

describe('at what comes next', () => {
  test('open shards are opened there, and ended ones are passed over', () => {
    const { rows, atNext, start } = beginTail(listed, { at: 'next' }, NOW);

    expect([...atNext]).toEqual(['b', 'c']);
    expect(positionsOf(rows).a).toEqual(shardEnd());
    expect(start).toEqual({ at: 'trim-horizon' });
  });

  test('an open shard is kept as a moment five seconds ago, for whoever goes on from there', () => {
    const { rows } = beginTail(listed, { at: 'next' }, NOW);

    expect(rows.find((row) => row.shardId === 'b')?.position.notBefore).toBe(1_799_999_995_000);
  });
});

test('in time, a tail begins as a subscription does', () => {
  const { rows, atNext, start } = beginTail(listed, { at: 'trim-horizon' }, NOW);

  expect(positionsOf(rows).a).toEqual(trimHorizon());
  expect(rows).toHaveLength(3);
  expect(atNext.size).toBe(0);
  expect(start).toEqual({ at: 'trim-horizon' });
});

describe('at positions', () => {
  const arn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000';
  const positions: Positions = {
    format: 1,
    kind: 'millrace-positions',
    subscription: 'orders',
    exportedAt: '2026-01-01T00:00:00.000Z',
    start: { at: 'trim-horizon' },
    startedAtMs: 0,
    run: 0,
    streams: [
      {
        arn,
        createdAtMs: 1,
        isReplacement: false,
        isFirstListingComplete: true,
        listedAtMs: 1,
        isDrained: false,
        shards: [
          {
            shardId: 'a',
            parents: [],
            position: afterSequenceNumber('7'),
            isRead: true,
            caughtUpAtMs: null,
            lastRecordAtMs: 5,
            children: 'unknown',
            finishedAtMs: null,
            gap: null,
          },
        ],
      },
    ],
  };

  test('a tail goes on with the shards of the stream', () => {
    const { rows, atNext, start } = tailAt(positions, arn);

    expect(rows).toEqual([aLease({ position: afterSequenceNumber('7'), epoch: 1, lastRecordAtMs: 5 })]);
    expect(atNext.size).toBe(0);
    expect(start).toEqual({ at: 'trim-horizon' });
  });

  test('another stream than theirs has no shards yet', () => {
    expect(tailAt(positions, `${arn}9`).rows).toEqual([]);
  });
});

describe('after a change was told', () => {
  const waiting = aLease({ position: atSequenceNumber('1', 1_000) });

  test('the row is read up to it', () => {
    expect(toldUpTo(aLease(), afterSequenceNumber('3'), 500)).toEqual(
      aLease({ epoch: 1, position: afterSequenceNumber('3'), lastRecordAtMs: 500 }),
    );
  });

  test('a moment that was waited for stays while changes are before it', () => {
    expect(toldUpTo(waiting, afterSequenceNumber('3'), 999).position).toEqual(afterSequenceNumber('3', 1_000));
  });

  test('a moment is reached with the first change not before it', () => {
    expect(toldUpTo(waiting, afterSequenceNumber('3'), 1_000).position).toEqual(afterSequenceNumber('3'));
  });
});
