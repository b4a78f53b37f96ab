import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { barText, runText } from '../../../cli/output/run-text.ts';
import type { RunProgress } from '../../../shared/core/scan-progress.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 31, 12);
const run: RunProgress = {
  run: 2,
  state: 'scanning',
  slice: 3,
  sliceEndsAtMs: NOW + 41 * MINUTE,
  items: 1_234_567,
  expectedItems: 4_938_268,
  segmentsDone: 1,
  segments: 4,
  share: 0.25,
  itemsPerSecond: 6_120.4,
  leftMs: 10 * MINUTE,
  endsAtMs: NOW + 10 * MINUTE,
};
const terminal = Object.assign(new PassThrough(), { isTTY: true });
const file = new PassThrough();

test('a bar is as full as the share, and never longer', () => {
  expect(barText(0)).toBe(`[${'-'.repeat(24)}]`);
  expect(barText(0.25)).toBe(`[${'#'.repeat(6)}${'-'.repeat(18)}]`);
  expect(barText(1.7)).toBe(`[${'#'.repeat(24)}]`);
});

test('a run is a line, with a bar on a terminal only', () => {
  const line =
    '25.0 %, slice 3 of the scan, which ends in 41 m 00 s at the latest, 1,234,567 of about 4,938,268 items, 1 of 4 segments, 6,120 items/s, about 10 m 00 s left';

  expect(runText(run, NOW, file)).toBe(`run 2 ${line}`);
  expect(runText(run, NOW, terminal)).toBe(`run 2 [######------------------] ${line}`);
});

test('nothing is said of what nobody knows', () => {
  const unknown = { ...run, share: null, expectedItems: null, itemsPerSecond: null, leftMs: null, endsAtMs: null };

  expect(runText({ ...unknown, items: 1, segments: 1, segmentsDone: 0 }, NOW, terminal)).toBe(
    'run 2, slice 3 of the scan, which ends in 41 m 00 s at the latest, 1 item, 0 of 1 segment',
  );
});

test.each<[RunProgress['state'], string]>([
  ['awaited', 'run 2 begins with the next tick'],
  ['catching-up', 'catching up with the changes after slice 3'],
  ['complete', 'complete since 2026-01-31T12:10:00Z, 1,234,567 items'],
  ['cancelled', 'cancelled, 1,234,567 items'],
])('a run that is %s says so', (state, text) => {
  expect(runText({ ...run, state, sliceEndsAtMs: null }, NOW, file)).toContain(text);
});
