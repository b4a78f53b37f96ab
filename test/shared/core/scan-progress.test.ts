import { expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import { afterItem, shardEnd } from '../../../shared/core/position.ts';
import { runProgress } from '../../../shared/core/scan-progress.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';
import { aLease } from '../../support/shards.ts';

const BEGAN = 10 * HOUR;
const NOW = BEGAN + 10 * MINUTE;

/** The first slice of run 3, in four segments. */
const scanning: Phase = {
  ...STREAMING,
  kind: 'scanning',
  run: 3,
  wantedRun: 3,
  isRunDone: false,
  segments: 4,
  slice: 1,
  beganAtMs: BEGAN,
  runBeganAtMs: BEGAN,
  endsAtMs: BEGAN + HOUR,
};
const started = aLease({ shardId: 'started', position: shardEnd(), items: 1 });
const complete = aLease({ shardId: 'complete', position: shardEnd(), finishedAtMs: BEGAN + 5 * MINUTE });
const done = (segment: number, items: number): LeaseRow =>
  aLease({ shardId: `segment-${segment}-of-4`, position: shardEnd(), items });
const at = (segment: number, items: number): LeaseRow =>
  aLease({ shardId: `segment-${segment}-of-4`, position: afterItem('{}', items) });
const unread = (segment: number): LeaseRow => aLease({ shardId: `segment-${segment}-of-4` });

test("items are counted by the segments' positions, also of those that are finished", () => {
  const rows = [started, done(0, 700), at(1, 300), unread(2), unread(3)];

  expect(runProgress(scanning, rows, NOW)).toMatchObject({ run: 3, items: 1_000, segmentsDone: 1, segments: 4 });
});

test('before any segment is finished, the count of the table tells how many items there are', () => {
  const rows = [at(0, 300), at(1, 300), unread(2), unread(3)];

  const progress = runProgress({ ...scanning, expectedItems: 2_400 }, rows, NOW);

  expect(progress).toMatchObject({ expectedItems: 2_400, share: 0.25, itemsPerSecond: 1 });
  expect(progress).toMatchObject({ leftMs: 30 * MINUTE, endsAtMs: NOW + 30 * MINUTE });
});

test('once segments are finished, their sizes tell more than the count of the table', () => {
  const rows = [done(0, 1_000), done(1, 3_000), at(2, 500), unread(3)];

  expect(runProgress({ ...scanning, expectedItems: 100 }, rows, NOW)).toMatchObject({ expectedItems: 8_000 });
});

test('an export knows how many items it has, whatever the size of its files', () => {
  const phase: Phase = { ...scanning, expectedItems: 9_000, export: { arn: 'arn:export', asOfMs: BEGAN } };

  expect(runProgress(phase, [done(0, 10), done(1, 10)], NOW)).toMatchObject({ items: 20, expectedItems: 9_000 });
});

test('a segment that is larger than the others counts with what it has', () => {
  const rows = [done(0, 100), done(1, 100), done(2, 100), at(3, 500)];

  expect(runProgress(scanning, rows, NOW)).toMatchObject({ expectedItems: 800, share: 0.999 });
});

test('without a count and a finished segment nothing is estimated', () => {
  const progress = runProgress({ ...scanning, expectedItems: 0 }, [at(0, 10)], NOW);

  expect(progress).toMatchObject({ items: 10, expectedItems: null, share: null, leftMs: null, endsAtMs: null });
});

test('before the first item is settled there is no rate', () => {
  const progress = runProgress({ ...scanning, expectedItems: 100 }, [unread(0)], BEGAN);

  expect(progress).toMatchObject({ items: 0, share: 0, itemsPerSecond: null, leftMs: null });
});

test('a slice has an end; between two slices there is none', () => {
  const between: Phase = { ...scanning, kind: 'streaming', slice: 2, endsAtMs: 0 };

  expect(runProgress(scanning, [], NOW)).toMatchObject({
    state: 'scanning',
    slice: 1,
    sliceEndsAtMs: BEGAN + HOUR,
  });
  expect(runProgress(between, [], NOW)).toMatchObject({ state: 'catching-up', slice: 2, sliceEndsAtMs: null });
});

test('a run is complete once its end is settled, and keeps the rate it had', () => {
  const rows = [started, done(0, 150), done(1, 150), done(2, 0), done(3, 0), complete];

  const progress = runProgress({ ...scanning, kind: 'streaming', isRunDone: true }, rows, BEGAN + 9 * HOUR);

  expect(progress).toMatchObject({ state: 'complete', share: 1, items: 300, expectedItems: 300, itemsPerSecond: 1 });
  expect(progress).toMatchObject({ leftMs: null, endsAtMs: BEGAN + 5 * MINUTE });
});

test('a run without its end was cancelled', () => {
  const progress = runProgress({ ...scanning, kind: 'streaming', isRunDone: true }, [at(0, 7), unread(1)], NOW);

  expect(progress).toMatchObject({ state: 'cancelled', items: 7, leftMs: null, endsAtMs: null });
});

test('a run that is asked for has nothing of the one before', () => {
  const progress = runProgress({ ...scanning, kind: 'streaming', isRunDone: true, wantedRun: 4 }, [done(0, 9)], NOW);

  expect(progress).toMatchObject({ run: 4, state: 'awaited', items: 0, segments: 0 });
});

test('there is none where there never was one, or nothing is left of it', () => {
  expect(runProgress(STREAMING, [], NOW)).toBeNull();
  expect(runProgress({ ...scanning, kind: 'streaming', isRunDone: true }, [], NOW)).toBeNull();
});
