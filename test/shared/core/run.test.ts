import { describe, expect, test } from 'vitest';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import { asRequested, hasRun, onNewPositions, runOfChange, withNextRun, withoutRun } from '../../../shared/core/run.ts';
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
