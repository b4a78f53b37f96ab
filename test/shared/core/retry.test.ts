import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Attempt,
  afterAttempt,
  countTooOld,
  FRESH,
  isExhausted,
  type RetryPolicy,
  type RetryState,
} from '../../../shared/core/retry.ts';
import { SECOND } from '../../support/durations.ts';

const policy = (changes: Partial<RetryPolicy> = {}): RetryPolicy => ({
  retryAttempts: -1,
  maxRecordAgeMs: -1,
  bisectBatchOnError: false,
  ...changes,
});

const halving = policy({ bisectBatchOnError: true });

describe('a lane after a delivery', () => {
  const failed = (records: number): Attempt => ({ records, settled: 0, kind: 'failed' });

  test.each<readonly [string, RetryPolicy, RetryState, Attempt, RetryState]>([
    [
      'begins anew where everything was settled',
      policy(),
      { attempts: 3, limit: null },
      { records: 8, settled: 8, kind: 'answered' },
      FRESH,
    ],
    ['counts a failure', policy(), { attempts: 3, limit: null }, failed(8), { attempts: 4, limit: null }],
    [
      'counts a delivery whose answer was lost',
      policy(),
      FRESH,
      { records: 8, settled: 0, kind: 'unknown' },
      { attempts: 1, limit: null },
    ],
    [
      'counts an answer that settles nothing',
      halving,
      FRESH,
      { records: 8, settled: 0, kind: 'answered' },
      { attempts: 1, limit: null },
    ],
    [
      'counts nothing where the function was not started',
      halving,
      { attempts: 3, limit: 4 },
      { records: 4, settled: 0, kind: 'not-started' },
      { attempts: 3, limit: 4 },
    ],
    [
      'has failed once with the record behind what was settled',
      halving,
      { attempts: 3, limit: 4 },
      { records: 4, settled: 2, kind: 'answered' },
      { attempts: 1, limit: null },
    ],
    [
      'halves a batch whose handler threw, which counts as no attempt',
      halving,
      { attempts: 3, limit: null },
      failed(9),
      { attempts: 3, limit: 5 },
    ],
    ['keeps a batch whole where it is not to be halved', policy(), FRESH, failed(9), { attempts: 1, limit: null }],
    [
      'counts the failure of a single record, and keeps it alone',
      halving,
      { attempts: 3, limit: 1 },
      failed(1),
      { attempts: 4, limit: 1 },
    ],
    [
      'doubles its batches again as they succeed',
      halving,
      { attempts: 3, limit: 2 },
      { records: 2, settled: 2, kind: 'answered' },
      { attempts: 0, limit: 4 },
    ],
    [
      'ends halving at the batch size',
      halving,
      { attempts: 0, limit: 4 },
      { records: 4, settled: 4, kind: 'answered' },
      FRESH,
    ],
  ])('%s', (_title, given, state, attempt, expected) => {
    expect(afterAttempt(given, state, attempt, 8)).toEqual(expected);
  });

  test('finds the one record that fails within the logarithm of its batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), (size, pick) => {
        const poison = pick % size;
        let state = FRESH;
        let start = 0;
        let deliveries = 0;
        while (state.attempts === 0) {
          const records = Math.min(state.limit ?? size, size - start);
          const isPoisoned = poison < start + records;
          const attempt: Attempt = {
            records,
            settled: isPoisoned ? 0 : records,
            kind: isPoisoned ? 'failed' : 'answered',
          };
          state = afterAttempt(halving, state, attempt, size);
          if (!isPoisoned) start += records;
          deliveries++;
        }

        expect(start).toBe(poison);
        expect(deliveries).toBeLessThanOrEqual((Math.log2(size) + 2) ** 2);
      }),
    );
  });
});

describe('attempts', () => {
  test('are used up after the first and its retries', () => {
    expect(isExhausted(policy({ retryAttempts: 2 }), { attempts: 2, limit: null })).toBe(false);
    expect(isExhausted(policy({ retryAttempts: 2 }), { attempts: 3, limit: null })).toBe(true);
  });

  test('are used up after the first alone, where there are no retries', () => {
    expect(isExhausted(policy({ retryAttempts: 0 }), FRESH)).toBe(false);
    expect(isExhausted(policy({ retryAttempts: 0 }), { attempts: 1, limit: null })).toBe(true);
  });

  test('are never used up at -1', () => {
    expect(isExhausted(policy(), { attempts: 1_000_000, limit: null })).toBe(false);
  });
});

describe('records that are too old', () => {
  const NOW = 100 * SECOND;

  test('are those before the first that is not', () => {
    const created = [10, 39, 40, 20].map((seconds) => seconds * SECOND);

    expect(countTooOld(policy({ maxRecordAgeMs: 60 * SECOND }), created, NOW)).toBe(2);
  });

  test('may be all of them, or none', () => {
    expect(countTooOld(policy({ maxRecordAgeMs: 60 * SECOND }), [SECOND, 2 * SECOND], NOW)).toBe(2);
    expect(countTooOld(policy({ maxRecordAgeMs: 60 * SECOND }), [NOW, SECOND], NOW)).toBe(0);
    expect(countTooOld(policy({ maxRecordAgeMs: 60 * SECOND }), [], NOW)).toBe(0);
  });

  test('do not exist where no age is set', () => {
    expect(countTooOld(policy(), [0], NOW)).toBe(0);
  });

  test('are all that are not of this very moment, at an age of nought', () => {
    expect(countTooOld(policy({ maxRecordAgeMs: 0 }), [NOW - 1, NOW], NOW)).toBe(1);
  });
});
