import { expect, test } from 'vitest';
import { isOver, type LastListing } from '../../../shared/core/stream-end.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';
import { rows } from '../../support/shards.ts';

const finished = (finishedAtMs: number) => rows({ a: [] }, { a: { finishedAtMs } }).values();

const listed = (listedAtMs: number, changes: Partial<LastListing> = {}): LastListing => ({
  stream: { stream: { arn: 'arn:stream', createdAtMs: HOUR }, listedAtMs },
  isOpen: false,
  ...changes,
});

test('a stream that is turned off is over once it was listed a minute after its last shard’s end', () => {
  expect(isOver(listed(3 * HOUR), finished(3 * HOUR - MINUTE))).toBe(true);
  expect(isOver(listed(3 * HOUR), finished(3 * HOUR - MINUTE + 1))).toBe(false);
});

test('a stream without shards is over a minute after it was created', () => {
  expect(isOver(listed(HOUR + MINUTE), [])).toBe(true);
  expect(isOver(listed(HOUR + MINUTE - 1), [])).toBe(false);
});

test('a stream that is on, or was not listed, is never over', () => {
  expect(isOver(listed(3 * HOUR, { isOpen: true }), finished(HOUR))).toBe(false);
  expect(isOver(null, finished(HOUR))).toBe(false);
});
