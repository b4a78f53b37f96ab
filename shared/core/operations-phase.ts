import { type Phase, STREAMING } from './phase.ts';

/** A subscription whose changes carry the number of a run that another has made. */
export const afterRun = (run: number): Phase => ({ ...STREAMING, run, wantedRun: run });
