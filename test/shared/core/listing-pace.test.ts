import { expect, test } from 'vitest';
import { describeShare, listingMs, listingOverdueMs, listingPauseMs } from '../../../shared/core/listing-pace.ts';

const SECOND = 1_000;

test('a listing takes a call for each hundred shards, two a second', () => {
  expect([0, 1, 100, 101, 10_000].map((shards) => listingMs(shards))).toEqual([0, 500, 500, 1_000, 50 * SECOND]);
});

test.each([1, 2, 3, 10, 100])('%i workers make no more calls together than one', (workers) => {
  const others = Array.from({ length: workers - 1 }, () => describeShare(workers, false));
  const calls = [describeShare(workers, true), ...others].reduce((sum, share) => sum + 1 / share, 0);

  expect(calls).toBeCloseTo(1);
});

test('a listing takes one of many workers as long as one of two', () => {
  expect([2, 10, 100].map((workers) => listingMs(10_000, workers))).toEqual([100 * SECOND, 100 * SECOND, 100 * SECOND]);
});

test.each([
  ['a minute apart, or a little less', 1, 50 * SECOND, 30 * SECOND],
  ['no further apart while they take an eighth of the time', 1_400, 50 * SECOND, 30 * SECOND],
  ['a fifth of the time, or half where one is awaited', 10_000, 200 * SECOND, 50 * SECOND],
])('listings are %s', (_title, shards, pauseMs, awaitedPauseMs) => {
  expect(listingPauseMs(shards, false)).toBe(pauseMs);
  expect(listingPauseMs(shards, true)).toBe(awaitedPauseMs);
});

test('a listing is overdue after two minutes, or when two long ones are missing', () => {
  expect(listingOverdueMs(100)).toBe(124 * SECOND);
  expect(listingOverdueMs(10_000)).toBe(520 * SECOND);
});
