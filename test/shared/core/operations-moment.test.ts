import { expect, test } from 'vitest';
import { isTrimHorizon, parseMoment } from '../../../shared/core/operations-moment.ts';

const NOW = Date.parse('2026-02-03T12:00:00Z');

test.each([
  ['90s', NOW - 90_000],
  ['10m', NOW - 600_000],
  ['2h', NOW - 7_200_000],
  ['1d', NOW - 86_400_000],
  ['2026-02-03T11:00:00Z', NOW - 3_600_000],
  ['2026-02-03T11:00Z', NOW - 3_600_000],
  ['2026-02-03T12:00:00.500+01:00', NOW - 3_599_500],
])('%s is a moment', (text, ms) => {
  expect(parseMoment(text, NOW, '--since')).toBe(ms);
});

test.each(['', 'yesterday', '10', '10 m', '-5m', '2026-02-03', '2026-02-03T11:00:00', '2026-02-30T99:00:00Z'])(
  '%j is none',
  (text) => {
    expect(() => parseMoment(text, NOW, '--since')).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        message: `--since must be an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z, or how long ago, such as 90s, 10m, 2h or 1d, got ${JSON.stringify(text)}`,
      }),
    );
  },
);

test('a moment in the future is refused', () => {
  expect(() => parseMoment('2026-02-03T12:00:01Z', NOW, '--to')).toThrow(/--to must not be in the future/);
});

test('what else it may be is said, too', () => {
  expect(() => parseMoment('latest', NOW, '--to', ['trim-horizon'])).toThrow(/or 1d, or trim-horizon, got "latest"$/);
});

test.each([
  ['trim-horizon', true],
  ['TRIM_HORIZON', true],
  ['horizon', false],
])('%s says the oldest change kept: %j', (text, isIt) => {
  expect(isTrimHorizon(text)).toBe(isIt);
});
