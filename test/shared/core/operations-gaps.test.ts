import { expect, test } from 'vitest';
import { gapStatuses } from '../../../shared/core/operations-gaps.ts';
import { noticeOf } from '../../../shared/core/recorded-gap.ts';
import { aStreamRow, GAP, HOUR, leaseOfShard, NOW } from '../operations/a-subscription.ts';

const NOTICE = noticeOf(GAP);
const at = (status: 'halted' | 'undelivered' | 'reported') => [
  {
    row: aStreamRow(),
    leases: [
      {
        ...leaseOfShard('shard-b'),
        gap: { ...GAP, status },
        caughtUpAtMs: NOW - 26 * HOUR,
        lastRecordAtMs: NOW - 30 * HOUR,
      },
    ],
  },
];

test('what may be lost lies between the last that was read and what was left when the gap was found', () => {
  expect(gapStatuses([NOTICE], at('halted'))).toEqual([
    { ...NOTICE, status: 'halted', lostAfterMs: NOW - 26 * HOUR, lostBeforeMs: NOW - 25 * HOUR },
  ]);
});

test('a shard that goes on tells no longer where it was', () => {
  expect(gapStatuses([NOTICE], at('reported'))).toMatchObject([{ status: 'reported', lostAfterMs: null }]);
  expect(gapStatuses([NOTICE], at('undelivered'))).toMatchObject([
    { status: 'undelivered', lostAfterMs: NOW - 26 * HOUR },
  ]);
});

test('a gap that no shard is at is past, and of a missing parent nothing is known', () => {
  const orphan = { ...NOTICE, id: 'x', reason: 'parent-missing' as const, detectedAtMs: NOW };

  expect(gapStatuses([NOTICE, orphan], [])).toMatchObject([
    { id: 'x', status: 'past', lostAfterMs: null, lostBeforeMs: null },
    { id: NOTICE.id, status: 'past', lostBeforeMs: NOW - 25 * HOUR },
  ]);
});

test('a stream that keeps records longer has lost older ones', () => {
  const [stream] = at('halted');
  const kept = { ...stream!, row: aStreamRow({ retentionMs: 7 * 24 * HOUR }) };

  expect(gapStatuses([NOTICE], [kept])).toMatchObject([{ lostBeforeMs: NOW - HOUR - 7 * 24 * HOUR }]);
});
