import { describe, expect, test } from 'vitest';
import { checkedLimits, pauseMs } from '../../../shared/core/parking-limits.ts';
import { timeShares } from '../../../shared/core/time-shares.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';

describe('the limits of parking', () => {
  test('have defaults', () => {
    expect(checkedLimits({})).toEqual({ attempts: 3, stopAfter: 3, timeShare: 0.5 });
  });

  test('may be as small and as large as they say', () => {
    const least = { attempts: 1, stopAfter: 1, timeShare: 0.001 };
    const most = { attempts: 100, stopAfter: 1_000_000, timeShare: 1 };

    expect(checkedLimits(least)).toEqual(least);
    expect(checkedLimits(most)).toEqual(most);
  });

  test.each([
    [{ attempts: 0 }, 'attempts must be a whole number from 1 to 100, got 0'],
    [{ attempts: 101 }, 'attempts must be a whole number from 1 to 100, got 101'],
    [{ attempts: 1.5 }, 'attempts must be a whole number from 1 to 100, got 1.5'],
    [{ stopAfter: 1_000_001 }, 'stopAfter must be a whole number from 1 to 1000000, got 1000001'],
    [{ timeShare: 0 }, 'timeShare must be a number above 0 and at most 1, got 0'],
    [{ timeShare: 1.01 }, 'timeShare must be a number above 0 and at most 1, got 1.01'],
    [{ timeShare: Number.NaN }, 'timeShare must be a number above 0 and at most 1, got NaN'],
  ])('refuse %j by name', (limits, message) => {
    expect(() => checkedLimits(limits)).toThrow(message);
  });
});

describe('the time of an invocation', () => {
  test('is dealt out to one change and to what is kept at the end', () => {
    expect(timeShares(MINUTE, 0.5)).toEqual({ changeMs: 28.5 * SECOND, reserveMs: 3 * SECOND });
  });

  test('keeps a fifth where that is less', () => {
    expect(timeShares(10 * SECOND, 1)).toEqual({ changeMs: 8 * SECOND, reserveMs: 2 * SECOND });
  });

  test('is without end outside Lambda', () => {
    const shares = timeShares(Number.POSITIVE_INFINITY, 0.5);

    expect(shares).toEqual({ changeMs: Number.POSITIVE_INFINITY, reserveMs: 0 });
  });
});

test('pauses double from 100 ms to two seconds, half of each by chance', () => {
  expect([1, 2, 3, 5, 6, 100].map((attempt) => pauseMs(attempt, 1))).toEqual([100, 200, 400, 1_600, 2_000, 2_000]);
  expect([1, 6].map((attempt) => pauseMs(attempt, 0))).toEqual([50, 1_000]);
});
