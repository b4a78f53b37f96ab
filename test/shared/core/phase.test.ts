import { describe, expect, test } from 'vitest';
import { isRunAwaited, nextPhase, type Phase, type PhaseFacts, STREAMING } from '../../../shared/core/phase.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';

const NOW = 10 * HOUR;
const PLAN = { sliceMs: 30 * MINUTE, segments: 4 };

/** What a subscription may be doing. */
type Doing =
  | 'nothing but streams'
  | 'streams, a run asked for'
  | 'streams, between two slices'
  | 'a slice'
  | 'a slice that is over';

const phases: Record<Doing, Phase> = {
  'nothing but streams': { ...STREAMING, epoch: 6, run: 2, wantedRun: 2 },
  'streams, a run asked for': { ...STREAMING, epoch: 6, run: 2, wantedRun: 3 },
  'streams, between two slices': { ...STREAMING, epoch: 6, run: 2, wantedRun: 3, isRunDone: false, segments: 9 },
  'a slice': {
    ...STREAMING,
    kind: 'scanning',
    epoch: 6,
    run: 2,
    wantedRun: 3,
    isRunDone: false,
    segments: 9,
    endsAtMs: NOW + 1,
  },
  'a slice that is over': {
    ...STREAMING,
    kind: 'scanning',
    epoch: 6,
    run: 2,
    wantedRun: 2,
    isRunDone: false,
    segments: 9,
    endsAtMs: NOW,
  },
};

const scanning = { kind: 'scanning', epoch: 7, beganAtMs: NOW, endsAtMs: NOW + 30 * MINUTE } as const;
const streaming = { kind: 'streaming', epoch: 7, beganAtMs: NOW, endsAtMs: 0 } as const;
const firstSlice: Partial<Phase> = { ...scanning, run: 3, isRunDone: false, segments: 4, runBeganAtMs: NOW, slice: 1 };
const runDone: Partial<Phase> = { ...streaming, run: 2, isRunDone: true };
/** The run ends without its end, and the next is asked for. */
const runLost: Partial<Phase> = { ...runDone, wantedRun: 3 };
const sliceDone: Partial<Phase> = { ...streaming, run: 2, isRunDone: false, segments: 9 };
const nextSlice: Partial<Phase> = { ...scanning, run: 2, isRunDone: false, segments: 9, slice: 2 };

/** What follows when nothing else is known, and when one thing is. */
const table: Record<Doing, Record<'none' | keyof PhaseFacts, Partial<Phase> | null>> = {
  'nothing but streams': { none: null, isListed: null, isScanned: null, isStreamOver: null, isCaughtUp: null },
  'streams, a run asked for': {
    none: null,
    isListed: firstSlice,
    isScanned: null,
    isStreamOver: null,
    isCaughtUp: null,
  },
  'streams, between two slices': {
    none: null,
    isListed: null,
    isScanned: null,
    isStreamOver: null,
    isCaughtUp: nextSlice,
  },
  'a slice': { none: null, isListed: null, isScanned: runDone, isStreamOver: runLost, isCaughtUp: null },
  'a slice that is over': {
    none: sliceDone,
    isListed: sliceDone,
    isScanned: runDone,
    isStreamOver: runLost,
    isCaughtUp: sliceDone,
  },
};

const entriesOf = <const K extends string, V>(record: Record<K, V>) => Object.entries(record) as [K, V][];

describe('the phase that follows, by what is being done and what is known', () => {
  for (const [doing, row] of entriesOf(table)) {
    for (const [known, next] of entriesOf(row)) {
      test(`${doing}, ${known === 'none' ? 'nothing known' : known}`, () => {
        const facts = { isListed: false, isScanned: false, isStreamOver: false, isCaughtUp: false };

        const phase = nextPhase(phases[doing], known === 'none' ? facts : { ...facts, [known]: true }, PLAN, NOW);

        expect(phase).toEqual(next && { ...phases[doing], ...next });
      });
    }
  }
});

test('a run is awaited while one is asked for that has not begun, and no slice is under way', () => {
  const awaited = entriesOf(phases).filter(([, phase]) => isRunAwaited(phase));

  expect(awaited.map(([doing]) => doing)).toEqual(['streams, a run asked for', 'streams, between two slices']);
});
