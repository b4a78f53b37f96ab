import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Marker, Place } from '../../../shared/core/parking.ts';
import {
  advancedTo,
  arrivalAt,
  begunBy,
  isBefore,
  joinedBy,
  lastOf,
  leasedBy,
  parkedItemOf,
  placeOf,
  waitingIn,
} from '../../../shared/core/parking-queue.ts';
import type { EventRecord } from '../../../shared/core/record.ts';
import { eventOf, gapOf, insertOf, snapshotOf } from '../../../shared/testing/index.ts';

const OLD = 'arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-01-01T00:00:00.000';
const NEW = 'arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-02-01T00:00:00.000';
const KINESIS = 'arn:aws:kinesis:eu-west-1:123456789012:stream/feed';

const at = (sequenceNumber: string, more: Partial<Place> = {}): Place => ({
  stream: OLD,
  sequenceNumber,
  run: 0,
  isSnapshot: false,
  ...more,
});

describe('a change is before another of its item', () => {
  test.each([
    ['when its sequence number is lower', at('9'), at('10'), true],
    ['not when it is the same', at('10'), at('10'), false],
    ['not when its sequence number is higher', at('10'), at('9'), false],
    ['when its stream is older, whatever its number', at('99'), at('1', { stream: NEW }), true],
    ['not when its stream is newer', at('1', { stream: NEW }), at('99'), false],
    ['not when a stream does not tell its age', at('1', { stream: KINESIS }), at('99'), false],
    ['when it is older in the same Kinesis stream', at('1', { stream: KINESIS }), at('2', { stream: KINESIS }), true],
    [
      'when it is the snapshot of the run that the other carries',
      at('7', { run: 1, isSnapshot: true }),
      at('3', { run: 1 }),
      true,
    ],
    [
      'not when it carries the run of the other, a snapshot',
      at('3', { run: 1 }),
      at('7', { run: 1, isSnapshot: true }),
      false,
    ],
    ['not when it carries an earlier run than a snapshot', at('3'), at('7', { run: 1, isSnapshot: true }), false],
    ['not when it is the snapshot of a later run', at('7', { run: 2, isSnapshot: true }), at('3', { run: 1 }), false],
    [
      'when it is the snapshot of an earlier run',
      at('7', { run: 1, isSnapshot: true }),
      at('7', { run: 2, isSnapshot: true }),
      true,
    ],
    [
      'not when both are the snapshot of one run',
      at('7', { run: 1, isSnapshot: true }),
      at('8', { run: 1, isSnapshot: true }),
      false,
    ],
  ])('%s', (_when, place, other, expected) => {
    expect(isBefore(place, other)).toBe(expected);
  });

  test('never both ways round, nor before itself, and in chains', () => {
    const place = fc.record({
      stream: fc.constantFrom(OLD, NEW),
      sequenceNumber: fc.bigInt({ min: 0n, max: 10n ** 22n }).map(String),
      run: fc.nat(2),
      isSnapshot: fc.constant(false),
    });
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        expect(isBefore(a, a)).toBe(false);
        expect(isBefore(a, b) && isBefore(b, a)).toBe(false);
        if (isBefore(a, b) && isBefore(b, c)) expect(isBefore(a, c)).toBe(true);
      }),
    );
  });
});

describe('an item', () => {
  test('is named by its table and its key, in words', () => {
    const [record] = eventOf([insertOf({ id: 'a', more: 1 })]).Records;

    expect(parkedItemOf(record!)).toBe('arn:aws:dynamodb:eu-west-1:123456789012:table/table [["id",{"S":"a"}]]');
  });

  test('is the same in every stream that its table ever has', () => {
    const [record] = eventOf([insertOf({ id: 'a' })]).Records;

    expect(parkedItemOf({ ...record!, eventSourceARN: OLD } as EventRecord)).toBe(
      parkedItemOf({ ...record!, eventSourceARN: NEW } as EventRecord),
    );
  });

  test('is none where a record is about none, or is not what a stream delivers', () => {
    const [gap] = eventOf([gapOf()]).Records;

    expect(parkedItemOf(gap!)).toBeNull();
    expect(parkedItemOf({ dynamodb: { Keys: {} } } as unknown as EventRecord)).toBeNull();
    expect(parkedItemOf(null as unknown as EventRecord)).toBeNull();
  });

  test('of a snapshot is that of its changes', () => {
    const [insert] = eventOf([insertOf({ id: 'a' })]).Records;
    const [snapshot] = eventOf([snapshotOf({ id: 'a' })]).Records;

    expect(parkedItemOf(snapshot!)).toBe(parkedItemOf(insert!));
    expect(placeOf(snapshot!)).toMatchObject({ isSnapshot: true, run: 1 });
  });
});

describe('a queue', () => {
  const [first, second] = eventOf([insertOf({ id: 'a' }), insertOf({ id: 'a' })]).Records as [EventRecord, EventRecord];
  const arrival = (record: EventRecord, error: string | null) => ({ item: 'a', record, error, nowMs: 5 });
  const begun = begunBy(arrival(first, `Error: no\n${'x'.repeat(9)}`), 'queue', null);

  test('begins with the first change, whose error it shows in one line', () => {
    expect(begun).toMatchObject({ head: 1, next: 2, revision: 1, error: 'Error: no', parkedAtMs: 5 });
    expect(lastOf(begun, arrival(first, 'Error: no'))).toMatchObject({ number: 1, place: placeOf(first) });
  });

  test('grows at its end, steps at its head, and each is a revision', () => {
    const joined = joinedBy(begun);
    const change = lastOf(joined, arrival(second, null));

    expect([joined.revision, waitingIn(joined), change.number]).toEqual([2, 2, 2]);
    expect(advancedTo(joined, change)).toMatchObject({
      revision: 3,
      head: 2,
      headPlace: placeOf(second),
      error: 'not tried yet: it waited behind another change',
    });
    expect(advancedTo(joined, null)).toBeNull();
  });

  test('takes what is not older than its head, and knows the rest as handled', () => {
    const late: Marker = { ...begun, headPlace: placeOf(second) };

    expect(arrivalAt(late, first)).toBe('handled');
    expect(arrivalAt(late, second)).toBe('waits');
    expect(arrivalAt(begun, second)).toBe('waits');
  });

  test('of a snapshot takes every change: also one from before the run may come for the first time, where the subscription lagged', () => {
    const [snapshot] = eventOf([snapshotOf({ id: 'a' }, 2)]).Records;
    const [earlier] = eventOf([insertOf({ id: 'a' })], { run: 1 }).Records;
    const behind: Marker = { ...begun, headPlace: placeOf(snapshot!) };

    expect(arrivalAt(behind, earlier!)).toBe('waits');
    expect(arrivalAt(behind, first)).toBe('waits');
  });

  test('is held by one until its lease is over', () => {
    const held = leasedBy(begun, 'me', 0, 100)!;

    expect(held).toMatchObject({ revision: 2, lease: { owner: 'me', untilMs: 100 } });
    expect(leasedBy(held, 'other', 99, 300)).toBeNull();
    expect(leasedBy(held, 'other', 100, 300)?.lease).toEqual({ owner: 'other', untilMs: 300 });
    expect(leasedBy(held, 'me', 50, 300)?.lease).toEqual({ owner: 'me', untilMs: 300 });
  });
});
