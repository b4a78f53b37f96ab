import { expect, test } from 'vitest';
import { counted, durationText, momentText } from '../../../cli/output/words.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

test.each([
  [-5, '0 s'],
  [400, '0 s'],
  [59.4 * SECOND, '59 s'],
  [59.6 * SECOND, '1 m 00 s'],
  [125 * SECOND, '2 m 05 s'],
  [HOUR, '1 h 00 m'],
  [23 * HOUR + 59 * 60 * SECOND, '23 h 59 m'],
  [50 * HOUR, '2 d 2 h'],
])('%d ms is told as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('a moment is told with how long ago it was, and one is not many', () => {
  expect(momentText(Date.UTC(2026, 1, 3), Date.UTC(2026, 1, 3, 1))).toBe('2026-02-03T00:00:00Z (1 h 00 m ago)');
  expect([counted(1, 'shard', 'shards'), counted(0, 'shard', 'shards')]).toEqual(['1 shard', '0 shards']);
});
