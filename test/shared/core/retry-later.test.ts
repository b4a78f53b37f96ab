import { describe, expect, test } from 'vitest';
import { isRetryLater, retryLater } from '../../../shared/core/retry-later.ts';

/** An error with so many errors around the one that is marked. */
function wrapped(depth: number): unknown {
  let error: Error = retryLater(new Error('down'));
  for (let index = 0; index < depth; index++) error = new Error('around', { cause: error });
  return error;
}

describe('an error that later will mend', () => {
  test('is itself, with a mark', () => {
    const error = new RangeError('down');

    expect(retryLater(error)).toBe(error);
    expect(isRetryLater(error)).toBe(true);
  });

  test('is known by what caused it, ten causes deep', () => {
    expect(isRetryLater(wrapped(1))).toBe(true);
    expect(isRetryLater(wrapped(10))).toBe(true);
    expect(isRetryLater(wrapped(11))).toBe(false);
  });

  test('is none that causes itself', () => {
    const error = new Error('round');
    error.cause = error;

    expect(isRetryLater(error)).toBe(false);
  });

  test.each([
    new Error('plain'),
    new Error('caused', { cause: 'text' }),
    null,
    undefined,
    'text',
    {},
    { retryLater: 'yes' },
    { cause: null },
  ])('is not %j', (error) => {
    expect(isRetryLater(error)).toBe(false);
  });
});
