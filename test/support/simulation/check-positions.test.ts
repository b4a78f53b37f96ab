import { expect, test } from 'vitest';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import { simulatedRecord } from '../../../shared/testing/simulated-record.ts';
import { countBefore, isBehind } from './check-positions.ts';

const records = ['998', '999', '1000', '1001'].map((sequenceNumber) =>
  simulatedRecord({
    key: 'a',
    before: null,
    now: {},
    eventId: sequenceNumber,
    sequenceNumber,
    shardId: 'shard',
    streamArn: 'arn',
    region: 'eu-central-1',
    writtenAtMs: 0,
  }),
);

test('a position has the records before it behind it, whatever the length of their numbers', () => {
  expect(countBefore(records, trimHorizon(), 0)).toBe(0);
  expect(countBefore(records, atSequenceNumber('1000'), 0)).toBe(2);
  expect(countBefore(records, afterSequenceNumber('1000'), 0)).toBe(3);
  expect(countBefore(records, afterSequenceNumber('999'), 1)).toBe(2);
  expect(countBefore(records, shardEnd(), 2)).toBe(4);
});

test('positions have an order', () => {
  const inOrder = [
    trimHorizon(),
    atSequenceNumber('999'),
    afterSequenceNumber('999'),
    atSequenceNumber('1000'),
    shardEnd(),
  ];

  for (const [a, position] of inOrder.entries()) {
    for (const [b, other] of inOrder.entries()) expect(isBehind(position, other)).toBe(a < b);
  }
});
