import { type Phase, STREAMING } from './phase.ts';

/** A new generation begins with its streams: a run that was going on scans again from its beginning, under its number. */
export const streamingOn = (phase: Phase, nowMs: number): Phase => ({
  ...phase,
  kind: 'streaming',
  epoch: phase.epoch + 1,
  beganAtMs: nowMs,
  endsAtMs: 0,
});

/** A subscription whose changes carry the number of a run that another has made. */
export const afterRun = (run: number): Phase => ({ ...STREAMING, run, wantedRun: run });
