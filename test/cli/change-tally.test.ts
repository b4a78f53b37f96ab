import { expect, test } from 'vitest';
import { changeCounter, percentile } from '../../cli/change-tally.ts';
import type { StreamEventRecord } from '../../shared/core/record.ts';

const settled = { batchItemFailures: [] };

test('accepted changes are counted by kind, with the lag of those that carry their time', () => {
  const counter = changeCounter();

  counter.add({ Records: [aRecord('1', 'INSERT', 1_000), aRecord('2', 'REMOVE')] }, settled, 1_030);

  expect(counter.tally()).toEqual({ kinds: { insert: 1, remove: 1 }, total: 2, lagsMs: [30] });
});

test('a change that came twice counts once', () => {
  const counter = changeCounter();

  counter.add({ Records: [aRecord('1', 'INSERT', 1_000)] }, settled, 1_030);
  counter.add({ Records: [aRecord('1', 'INSERT', 1_000)] }, settled, 2_000);

  expect(counter.tally()).toEqual({ kinds: { insert: 1 }, total: 1, lagsMs: [30] });
});

test('a change that failed, and those behind it, do not count', () => {
  const counter = changeCounter();
  const event = { Records: [aRecord('1', 'INSERT'), aRecord('2', 'MODIFY'), aRecord('3', 'REMOVE')] };

  counter.add(event, { batchItemFailures: [{ itemIdentifier: '2' }] }, 0);

  expect(counter.tally().kinds).toEqual({ insert: 1 });
});

test('a percentile is the smallest value that so many percent do not exceed', () => {
  const values = [40, 10, 30, 20];

  expect([25, 50, 51, 99, 100].map((percent) => percentile(values, percent))).toEqual([10, 20, 30, 40, 40]);
});

test('nothing has no percentile', () => {
  expect(percentile([], 50)).toBeUndefined();
});

function aRecord(id: string, eventName: StreamEventRecord['eventName'], writtenAtMs?: number): StreamEventRecord {
  return {
    eventID: id,
    eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-01-01T00:00:00.000',
    dynamodb: {
      ApproximateCreationDateTime: 1,
      Keys: { orderId: { S: 'o-1' } },
      ...(writtenAtMs === undefined ? {} : { NewImage: { writtenAt: { N: String(writtenAtMs) } } }),
      SequenceNumber: id,
      SizeBytes: 10,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}
