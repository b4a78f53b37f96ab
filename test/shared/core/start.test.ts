import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../shared/core/errors.ts';
import { startOf } from '../../../shared/core/start.ts';

const NOON = Date.UTC(2026, 0, 31, 12);

describe('a start', () => {
  test('at the trim horizon has no moment', () => {
    expect(startOf({ at: 'trim-horizon' }, NOON)).toEqual({ at: 'trim-horizon' });
  });

  test('at LATEST is the second of the first walk, less five for clock skew', () => {
    expect(startOf({ at: 'latest' }, NOON + 999)).toEqual({ at: 'latest', momentMs: NOON - 5_000 });
  });

  test('at a time is rounded down to the second, as DynamoDB rounds its records', () => {
    const time = '2026-01-31T12:00:00.999Z';

    expect(startOf({ at: 'time', time }, 0)).toEqual({ at: 'time', momentMs: NOON });
  });

  test('at a time reads any zone', () => {
    const time = '2026-01-31T13:00:00+01:00';

    expect(startOf({ at: 'time', time }, 0)).toEqual({ at: 'time', momentMs: NOON });
  });

  test('is never later than what was asked for, nor by more than it promises earlier', () => {
    const anytime = fc.integer({ min: 0, max: NOON });
    fc.assert(
      fc.property(anytime, (nowMs) => {
        const latest = startOf({ at: 'latest' }, nowMs);
        const time = startOf({ at: 'time', time: new Date(nowMs).toISOString() }, 0);

        expect(latest).toMatchObject({ momentMs: nowMs - 5_000 - (nowMs % 1_000) });
        expect(time).toMatchObject({ momentMs: nowMs - (nowMs % 1_000) });
      }),
    );
  });

  test('at a time that cannot be read is refused by name', () => {
    const refusal = new MillraceError('invalid-request', 'start.time must be an ISO 8601 time, got "yesterday"');

    expect(() => startOf({ at: 'time', time: 'yesterday' }, NOON)).toThrow(refusal);
  });
});
