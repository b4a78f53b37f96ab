import { expect, test } from 'vitest';
import { reachedMs } from '../../../shared/core/operations-reach.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-02-03T12:00:00Z');
const minutesAgo = (minutes: number, ageMs: number) => ({ atMs: NOW - minutes * MINUTE, ageMs });

test('a mapping that is read has reached what it said in the newest minute', () => {
  expect(reachedMs([minutesAgo(1, 400), minutesAgo(2, 300), minutesAgo(59, 200)])).toBe(NOW - MINUTE - 400);
});

test('a mapping that is off has got no further than when it said something last', () => {
  expect(reachedMs([minutesAgo(50, 1_000)])).toBe(NOW - 50 * MINUTE - 1_000);
});

test('a shard that is far behind counts, though the newest minutes tell of others only', () => {
  expect(reachedMs([minutesAgo(1, 400), minutesAgo(9, 600 * MINUTE), minutesAgo(10, 100)])).toBe(NOW - 609 * MINUTE);
});

test('without a word nothing is known', () => {
  expect(reachedMs([])).toBeNull();
});
