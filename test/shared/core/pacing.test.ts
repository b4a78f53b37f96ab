import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIVE_FOR_MS, backoffMs, IDLE_AFTER_PAGES, pollDelayMs, restUntilMs } from '../../../shared/core/pacing.ts';

const IDLE = { pageRecords: 0, emptyPages: 10, sinceRecordMs: 1_200_000, isKeptAwake: false, restMs: 0 };

describe('a poll', () => {
  test.each([
    ['at once after a page that promises another', 100, 0, 0, 0],
    ['at once even where the shard was idle', 1_000, 10, 60_000, 0],
    ['four times a second after a page that does not', 99, 0, 0, 250],
    ['four times a second until ten pages were empty', 0, 9, 60_000, 250],
    ['four times a second for a minute after a record', 0, 10, 59_999, 250],
    ['four times a second on a shard that has just become idle', 0, 10, 60_000, 250],
    ['every second on a shard that has been idle for four minutes', 0, 10, 240_000, 1_000],
    ['every five seconds on a shard that has been idle for twenty minutes', 0, 10, 1_200_000, 5_000],
    ['every five seconds on a shard of which no record is known', 0, 10, Date.UTC(2026, 0), 5_000],
  ])('follows %s', (_title, pageRecords, emptyPages, sinceRecordMs, delayMs) => {
    expect(pollDelayMs({ ...IDLE, pageRecords, emptyPages, sinceRecordMs })).toBe(delayMs);
  });

  test('follows every two seconds on an idle shard that is kept awake, whatever else keeps the walk', () => {
    expect(pollDelayMs({ ...IDLE, isKeptAwake: true })).toBe(2_000);
    expect(pollDelayMs({ ...IDLE, isKeptAwake: true, restMs: 60_000 })).toBe(2_000);
  });

  test('follows when it has rested on an idle shard, while its walk stays for a listing alone', () => {
    const resting = { ...IDLE, restMs: 60_000 };

    expect(pollDelayMs(resting)).toBe(60_000);
    expect(pollDelayMs({ ...resting, emptyPages: 9 })).toBe(250);
    expect(pollDelayMs({ ...resting, sinceRecordMs: 59_999 })).toBe(250);
    expect(pollDelayMs({ ...resting, pageRecords: 100 })).toBe(0);
  });

  test.each([
    ['begins', 0, 55_000],
    ['is about to be found', 54_999, 55_000],
    ['is found', 60_000, 115_000],
    ['has lasted for minutes', 300_000, 355_000],
  ])('rests until a moment before the next tick when a walk %s', (_title, sinceMs, untilMs) => {
    const beganAtMs = 1_000_000;

    expect(restUntilMs(beganAtMs, beganAtMs + sinceMs)).toBe(beganAtMs + untilMs);
  });

  test('finds a shard idle when a walk does', () => {
    expect([IDLE_AFTER_PAGES, ACTIVE_FOR_MS]).toEqual([10, 60_000]);
  });
});

describe('a backoff', () => {
  test('is a random part of a time that doubles', () => {
    const delays = [0, 1, 2, 3].map((attempt) => backoffMs(attempt, 100, 10_000, () => 0.5));

    expect(delays).toEqual([50, 100, 200, 400]);
  });

  test('grows no further than its cap, however often it was tried', () => {
    expect(backoffMs(7, 100, 10_000, () => 1)).toBe(10_000);
    expect(backoffMs(10_000, 100, 10_000, () => 1)).toBe(10_000);
    expect(backoffMs(10_000, 1, Number.MAX_VALUE, () => 1)).toBe(2 ** 30);
  });

  test('is a whole number of milliseconds from nought to the cap', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(100), random, (attempt, share) => {
        const delayMs = backoffMs(attempt, 100, 10_000, () => share);

        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(10_000);
      }),
    );
  });
});
