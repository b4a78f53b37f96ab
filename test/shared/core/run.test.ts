import { describe, expect, test } from 'vitest';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import {
  asRequested,
  endedScans,
  hasRun,
  onNewPositions,
  runOfChange,
  withNextRun,
  withoutRun,
} from '../../../shared/core/run.ts';
import { scanStream } from '../../../shared/core/scan.ts';
import { newRow } from '../../../shared/core/stream-rows.ts';
import type { Pointer, StreamRow } from '../../../shared/core/subscription.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';

const NOW = 10 * HOUR;
const done: Phase = { ...STREAMING, epoch: 6, run: 2, wantedRun: 2, segments: 9, runBeganAtMs: 5 * HOUR };
const awaited: Phase = { ...done, wantedRun: 3 };
const scanning: Phase = { ...done, kind: 'scanning', isRunDone: false, beganAtMs: 8 * HOUR, endsAtMs: 11 * HOUR };
const between: Phase = { ...done, isRunDone: false, beganAtMs: 9 * HOUR };
const streaming = { kind: 'streaming', epoch: 7, beganAtMs: NOW, endsAtMs: 0 } as const;

test('a run is there from when it is asked for until it is over', () => {
  expect([STREAMING, done, awaited, scanning, between].map(hasRun)).toEqual([false, false, true, true, true]);
});

describe('a run that is cancelled', () => {
  test.each([
    ['before it began', awaited, 2],
    ['in a slice', scanning, 2],
    ['between two slices', between, 2],
  ])('%s is over, in another phase in which only changes are delivered', (_when, phase, run) => {
    expect(withoutRun(phase, NOW)).toEqual({ ...phase, ...streaming, isRunDone: true, run, wantedRun: run });
  });

  test('leaves its number to nobody', () => {
    expect(withNextRun(withoutRun(scanning, NOW)!).wantedRun).toBe(3);
  });

  test('must be there', () => {
    expect([STREAMING, done].map((phase) => withoutRun(phase, NOW))).toEqual([null, null]);
  });
});

describe('new positions', () => {
  test('begin with the streams', () => {
    expect(onNewPositions(done, NOW)).toEqual({ ...done, ...streaming });
    expect(onNewPositions(awaited, NOW)).toEqual({ ...awaited, ...streaming });
  });

  test.each([
    ['in a slice', scanning],
    ['between two slices', between],
  ])('%s let the next run take the place of this one, above what was delivered before', (_when, phase) => {
    expect(onNewPositions(phase, NOW)).toEqual({ ...phase, ...streaming, isRunDone: true, wantedRun: 3 });
  });
});

describe('a subscription', () => {
  test('that is given a bootstrap has its first run asked for, once', () => {
    const phase = asRequested(undefined, true, NOW);

    expect(phase).toEqual({ ...STREAMING, wantedRun: 1 });
    expect(asRequested(phase!, true, NOW)).toBeNull();
    expect([done, awaited, scanning].map((known) => asRequested(known, true, NOW))).toEqual([null, null, null]);
  });

  test('that loses its bootstrap has no run any more, and begins another when it is given it again', () => {
    const lost = asRequested(scanning, false, NOW)!;

    expect(lost).toEqual({ ...scanning, ...streaming, isRunDone: true, isWithdrawn: true });
    expect(asRequested(lost, false, NOW)).toBeNull();
    expect(asRequested(lost, true, NOW)).toEqual({ ...scanning, ...streaming, isRunDone: true, wantedRun: 3 });
  });

  test('whose runs are over loses nothing with its bootstrap', () => {
    expect([undefined, done].map((phase) => asRequested(phase, false, NOW))).toEqual([null, null]);
  });
});

describe('a change', () => {
  test('carries the last run begun', () => {
    expect(runOfChange(done, NOW)).toBe(2);
    expect(runOfChange(done, 5 * HOUR - 15 * MINUTE)).toBe(2);
  });

  test('that is certainly older than the run carries the one before', () => {
    expect(runOfChange(done, 5 * HOUR - 15 * MINUTE - 1)).toBe(1);
    expect(runOfChange({ ...done, run: 1 }, 0)).toBe(0);
  });

  test('before any run carries none, and of a run whose beginning is not known that run', () => {
    const { runBeganAtMs: _unknown, ...old } = done;

    expect(runOfChange(STREAMING, 0)).toBe(0);
    expect(runOfChange(old, 0)).toBe(2);
  });
});

describe('the scans of runs that are over', () => {
  const pointer: Pointer = {
    kind: 'pointer',
    revision: 9,
    generation: 2,
    start: { at: 'trim-horizon' },
    startedAtMs: 1 * HOUR,
    isPaused: false,
    isPreviousFree: true,
    phase: { ...done, beganAtMs: 8 * HOUR },
  };
  const changes = newRow(pointer, { arn: 'arn:orders', createdAtMs: 0 });
  const scan = (run: number, row: Partial<StreamRow> = {}): StreamRow => ({
    ...newRow(pointer, scanStream('arn:orders', run)),
    run,
    isDrained: true,
    ...row,
  });
  const runsOf = (rows: readonly StreamRow[]) => rows.map(({ generation, run }) => `${generation}: ${run}`);

  test('may be removed a day after the last phase began', () => {
    expect(endedScans([changes, scan(2)], pointer)).toEqual([{ ...scan(2), revision: 1, removeAtMs: 32 * HOUR }]);
  });

  test('may be removed a day after the positions began, where no phase is known', () => {
    const { phase: _none, ...imported } = pointer;

    expect(endedScans([scan(1, { generation: 1 })], imported)).toMatchObject([{ removeAtMs: 25 * HOUR }]);
  });

  test('are all but that of a run which goes on', () => {
    const rows = [scan(3, { generation: 1 }), scan(1), scan(2)];

    expect(runsOf(endedScans(rows, pointer))).toEqual(['1: 3', '2: 1', '2: 2']);
    expect(runsOf(endedScans(rows, { ...pointer, phase: between }))).toEqual(['1: 3', '2: 1']);
    expect(endedScans(rows, { ...pointer, phase: scanning })).toEqual([]);
  });

  test('are left alone once they have a moment, as are streams', () => {
    expect(endedScans([changes, scan(1, { removeAtMs: 5 })], pointer)).toEqual([]);
  });
});
