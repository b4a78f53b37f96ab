import { expect, test } from 'vitest';
import { activeStream, newRow, newStreamRow, startIn } from '../../../shared/core/stream-rows.ts';
import type { Pointer, StreamRow } from '../../../shared/core/subscription.ts';
import { HOUR } from '../../support/durations.ts';

const pointer: Pointer = {
  kind: 'pointer',
  revision: 0,
  generation: 2,
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  isPaused: false,
  isPreviousFree: true,
};

const aStream = (createdAtMs: number, changes: Partial<StreamRow> = {}): StreamRow => ({
  ...newRow(pointer, { arn: `arn:${createdAtMs}`, createdAtMs }),
  ...changes,
});

test('of several streams the oldest that is not drained is read', () => {
  const rows = [aStream(3), aStream(1, { isDrained: true }), aStream(2), aStream(0, { generation: 1 })];

  expect(activeStream(rows, 2)?.stream.createdAtMs).toBe(2);
});

test('the scan of a run is no stream that is read for its changes', () => {
  expect(activeStream([aStream(1, { run: 1 })], 2)).toBeNull();
});

test('a second stream of a generation is a replacement, and one that it knows is not new', () => {
  expect(newStreamRow([aStream(1)], pointer, aStream(2).stream)?.isReplacement).toBe(true);
  expect(newStreamRow([aStream(1, { generation: 1 })], pointer, aStream(2).stream)?.isReplacement).toBe(false);
  expect(newStreamRow([aStream(1)], pointer, aStream(1).stream)).toBeNull();
});

test('a re-created stream is begun at its beginning, but for a subscription that waits for a later moment', () => {
  const replacement = aStream(HOUR, { isReplacement: true });
  const later = { at: 'time', momentMs: HOUR + 1 } as const;

  expect(startIn(replacement, { at: 'latest', momentMs: HOUR })).toEqual({ at: 'trim-horizon' });
  expect(startIn(replacement, later)).toEqual(later);
  expect(startIn(aStream(HOUR), { at: 'latest', momentMs: 5 })).toEqual({ at: 'latest', momentMs: 5 });
});
