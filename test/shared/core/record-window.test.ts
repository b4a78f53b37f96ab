import { describe, expect, test } from 'vitest';
import { afterSequenceNumber } from '../../../shared/core/position.ts';
import { laneOf, recordWindow, type Taken, type WindowRecord } from '../../../shared/core/record-window.ts';
import { SECOND } from '../../support/durations.ts';

const ALL = { records: 10_000, bytes: 1_000_000 };

const record = (number: number, changes: Partial<WindowRecord> = {}): WindowRecord => ({
  sequenceNumber: String(number),
  createdAtMs: number * SECOND,
  body: `{"n":${number}}`,
  bytes: 10,
  arrivedAtMs: number,
  notBefore: undefined,
  ...changes,
});

const numbersOf = (taken: Taken | null): readonly number[] =>
  (taken?.records ?? []).map(({ sequenceNumber }) => Number(sequenceNumber));

describe('a record window', () => {
  test('of nothing has nothing to take and nothing settled', () => {
    const window = recordWindow(2);

    expect(window.take(0, ALL)).toBeNull();
    expect(window.settledUpTo()).toBeNull();
    expect(window.ready(1)).toEqual({ records: 0, bytes: 0, sinceMs: 0 });
    expect([window.bytes(), window.unsettled(), window.inFlight()]).toEqual([0, 0, 0]);
  });

  test('gives a lane its records in order, one delivery at a time', () => {
    const window = recordWindow(2);
    window.push(record(1), 0);
    window.push(record(2), 1);
    window.push(record(3), 0);
    window.push(record(4), 0);

    const first = window.take(0, { records: 2, bytes: 1_000 });

    expect(numbersOf(first)).toEqual([1, 3]);
    expect(window.take(0, ALL)).toBeNull();
    expect(numbersOf(window.take(1, ALL))).toEqual([2]);
    expect(window.inFlight()).toBe(2);
    window.settle(first!, 2);
    expect(window.inFlight()).toBe(1);
    expect(numbersOf(window.take(0, ALL))).toEqual([4]);
  });

  test('lets go of the text of what is settled, and keeps that of the rest', () => {
    const window = recordWindow(1);
    for (const number of [1, 2]) window.push(record(number), 0);
    const taken = window.take(0, ALL);

    window.settle(taken!, 1);

    expect(taken!.records.map(({ body }) => body)).toEqual(['', '{"n":2}']);
  });

  test('puts what a delivery did not settle back to the front', () => {
    const window = recordWindow(1);
    for (const number of [1, 2, 3, 4]) window.push(record(number), 0);
    const taken = window.take(0, { records: 3, bytes: 1_000 });

    window.settle(taken!, 1);

    expect(window.ready(0)).toEqual({ records: 3, bytes: 30, sinceMs: 2 });
    expect(numbersOf(window.take(0, ALL))).toEqual([2, 3, 4]);
  });

  test('cuts a delivery by bytes, too', () => {
    const window = recordWindow(1);
    window.push(record(1, { bytes: 90 }), 0);
    window.push(record(2, { bytes: 20 }), 0);

    expect(numbersOf(window.take(0, { records: 10, bytes: 100 }))).toEqual([1]);
    expect(window.ready(0)).toEqual({ records: 1, bytes: 20, sinceMs: 2 });
  });

  test('keeps the position behind a lane that lags, however far the others are (I3)', () => {
    const window = recordWindow(2);
    window.push(record(1), 0);
    window.push(record(2), 1);
    window.push(record(3), 0);
    const [even, odd] = [window.take(1, ALL)!, window.take(0, { records: 1, bytes: 100 })!];

    window.settle(even, 1);
    expect(window.settledUpTo()).toBeNull();

    window.settle(odd, 1);
    expect(window.settledUpTo()).toEqual({ position: afterSequenceNumber('2'), createdAtMs: 2 * SECOND });
  });

  test('settles what needs no delivery in its turn', () => {
    const window = recordWindow(1);
    window.pass(record(1));
    window.push(record(2), 0);
    window.pass(record(3));

    expect(window.settledUpTo()?.position).toEqual(afterSequenceNumber('1'));
    expect([window.bytes(), window.unsettled()]).toEqual([10, 1]);

    window.settle(window.take(0, ALL)!, 1);
    expect(window.settledUpTo()?.position).toEqual(afterSequenceNumber('3'));
    expect([window.bytes(), window.unsettled()]).toEqual([0, 0]);
  });

  test('remembers the moment that reading still waits for, and its end', () => {
    const window = recordWindow(1);

    window.pass(record(1, { notBefore: 9 * SECOND }));
    expect(window.settledUpTo()?.position).toEqual(afterSequenceNumber('1', 9 * SECOND));

    window.push(record(2), 0);
    window.settle(window.take(0, ALL)!, 1);
    expect(window.settledUpTo()?.position).toEqual(afterSequenceNumber('2'));
  });

  test('shows what a lane has queued, in order, and takes nothing', () => {
    const window = recordWindow(2);
    for (const number of [1, 2, 3]) window.push(record(number), number % 2);

    expect(window.queued(1).map((each) => each.sequenceNumber)).toEqual(['1', '3']);
    window.take(1, { records: 1, bytes: 100 });
    expect(window.queued(1).map((each) => each.sequenceNumber)).toEqual(['3']);
    expect(window.queued(0).map((each) => each.sequenceNumber)).toEqual(['2']);
  });

  test('knows the delivery that the position waits for', () => {
    const window = recordWindow(2);
    window.push(record(1), 1);
    window.push(record(2), 0);
    const [behind, head] = [window.take(0, ALL)!, window.take(1, ALL)!];

    expect([window.isHead(head), window.isHead(behind)]).toEqual([true, false]);
    window.settle(head, 1);
    expect(window.isHead(behind)).toBe(true);
  });

  test('counts thousands of records through and forgets none', () => {
    const window = recordWindow(1);
    const delivered: number[] = [];
    for (let number = 1; number <= 5_000; number++) {
      window.push(record(number), 0);
      if (number % 700 !== 0) continue;
      const taken = window.take(0, { records: 690, bytes: 1_000_000 })!;
      delivered.push(...numbersOf(taken));
      window.settle(taken, taken.records.length);
      expect(window.settledUpTo()?.position).toEqual(afterSequenceNumber(String(delivered.length)));
    }

    const rest = window.take(0, ALL)!;
    window.settle(rest, rest.records.length);

    expect([...delivered, ...numbersOf(rest)]).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1));
    expect(window.settledUpTo()?.position).toEqual(afterSequenceNumber('5000'));
    expect([window.bytes(), window.unsettled()]).toEqual([0, 0]);
  });
});

describe('the lane of an item', () => {
  const items = Array.from({ length: 1_000 }, (_, index) => `[["id",{"S":"${index}"}]]`);

  test('is the same for all its changes, and one of those there are', () => {
    for (const lanes of [1, 2, 7, 10]) {
      for (const item of items) {
        expect(laneOf(item, lanes)).toBe(laneOf(item, lanes));
        expect(Array.from({ length: lanes }, (_, lane) => lane)).toContain(laneOf(item, lanes));
      }
    }
  });

  test('spreads items that differ in a digit', () => {
    const counts = Array.from({ length: 10 }, (_, lane) => items.filter((item) => laneOf(item, 10) === lane).length);

    expect(Math.min(...counts)).toBeGreaterThan(60);
  });

  test('is FNV-1a of its key, so that every worker and release agrees', () => {
    expect(laneOf('', 10)).toBe(0x811c9dc5 % 10);
    expect(laneOf('a', 2 ** 32)).toBe(0xe40c292c);
    expect(laneOf('foobar', 2 ** 32)).toBe(0xbf9cf968);
  });
});
