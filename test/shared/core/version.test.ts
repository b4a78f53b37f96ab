import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventRecord } from '../../../shared/core/record.ts';
import { streamCreatedAtMs, versionOf } from '../../../shared/core/version.ts';
import { eventOf, insertOf, snapshotOf } from '../../../shared/testing/index.ts';

const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/';

function version({ at = 100n, run = 0, created = '2026-01-01T00:00:00.000' } = {}): string {
  const [record] = eventOf([insertOf({ id: 'a' })], { firstSequenceNumber: at }).Records;
  return versionOf({ ...record!, eventSourceARN: STREAM + created }, run);
}

function snapshotVersion(run: number): string {
  const [record] = eventOf([snapshotOf({ id: 'a' }, run)]).Records;
  return versionOf({ ...record!, eventSourceARN: `${STREAM}2026-01-01T00:00:00.000` }, 0);
}

describe('a version', () => {
  test('grows with the sequence number as an integer, whatever its length', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 40n - 1n }),
        fc.bigInt({ min: 0n, max: 10n ** 40n - 1n }),
        (a, b) => {
          expect(version({ at: a }) < version({ at: b })).toBe(a < b);
        },
      ),
    );
  });

  test('of a re-created stream is greater, though its sequence numbers start again', () => {
    expect(version({ at: 5n, created: '2026-01-01T00:00:00.001' }) > version({ at: 10n ** 30n })).toBe(true);
  });

  test('of a snapshot lies between the changes before its run and those after it', () => {
    expect(snapshotVersion(2) > version({ at: 10n ** 39n, run: 1 })).toBe(true);
    expect(snapshotVersion(2) < version({ at: 1n, run: 2 })).toBe(true);
    expect(snapshotVersion(10) > snapshotVersion(9)).toBe(true);
  });

  test('takes the run that travels with the record before the handler’s own', () => {
    const [record] = eventOf([insertOf({ id: 'a' })], { run: 7 }).Records;

    expect(versionOf(record!, 0)).toBe(versionOf(record!, 3));
  });

  test('of the Kinesis feed is the run and the time in microseconds, whatever unit the time came in', () => {
    const at = (ApproximateCreationDateTime: number) => {
      const [record] = eventOf([insertOf({ id: 'a' })]).Records;
      const eventSourceARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/changes';
      return versionOf(
        { ...record!, eventSourceARN, dynamodb: { ...record!.dynamodb, ApproximateCreationDateTime } } as EventRecord,
        1,
      );
    };

    expect(at(1_720_740_233_012)).toBe(at(1_720_740_233_012_000));
    expect(at(1_720_740_233_012_995) > at(1_720_740_233_012)).toBe(true);
    expect(at(1_720_740_233)).toBe('0000000001-00001720740233000000');
  });
});

test('a stream’s label tells when it was created, and no label means the beginning of time', () => {
  expect(streamCreatedAtMs(`${STREAM}2015-05-11T21:21:33.291`)).toBe(Date.UTC(2015, 4, 11, 21, 21, 33, 291));
  expect(streamCreatedAtMs('arn:aws:dynamodb:eu-west-1:123456789012:table/orders')).toBe(0);
});
