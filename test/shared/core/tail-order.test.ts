import { expect, test } from 'vitest';
import { nextToTell } from '../../../shared/core/tail-order.ts';

const view = (shardId: string, headMs: number | null, isAwaited = false) => ({ shardId, headMs, isAwaited });

test('the oldest change is told next, and of equal ones that of the first shard', () => {
  expect(nextToTell([view('a', 5), view('b', 3), view('c', 4)])).toBe('b');
  expect(nextToTell([view('b', 3), view('a', 3)])).toBe('a');
});

test('nothing is told while a shard may hold an older change', () => {
  expect(nextToTell([view('a', 5), view('b', null, true)])).toBeNull();
  expect(nextToTell([view('a', 5, true), view('b', null)])).toBe('a');
});

test('without changes nothing is told', () => {
  expect(nextToTell([])).toBeNull();
  expect(nextToTell([view('a', null)])).toBeNull();
});
