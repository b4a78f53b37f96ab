import { type Phase, STREAMING } from './phase.ts';
import { type Pointer, phaseOf, type StreamRow } from './subscription.ts';

/** What a run's positions are older than, at the least: clocks differ, and times of changes are approximate. */
const CERTAINLY_BEFORE_MS = 15 * 60_000;

/** Whether a run is asked for, or goes on. */
export const hasRun = (phase: Phase): boolean => phase.wantedRun > phase.run || !phase.isRunDone;

/**
 * The run that a change carries: the last one begun, or the one before for a change that is certainly older, as after a
 * rewind: it must not seem newer than the run's snapshots. What is a few minutes older seems newer; nothing is lost by
 * that, because all changes since are delivered after it. The items of an export are of its time: so it is from then on
 * that changes are newer.
 */
export function runOfChange({ run, runBeganAtMs = 0, export: exported }: Phase, createdAtMs: number): number {
  const itemsAtMs = exported?.asOfMs ?? runBeganAtMs;
  return run > 0 && createdAtMs < itemsAtMs - CERTAINLY_BEFORE_MS ? run - 1 : run;
}

/** The next run asked for. */
export function withNextRun(phase: Phase): Phase {
  const { isWithdrawn: _over, ...rest } = phase;
  return { ...rest, wantedRun: phase.run + 1 };
}

/**
 * The phase in which nothing is scanned any more: a run that was asked for never begins, one that goes on never ends for
 * the handler. `null` where there is neither. The number of one that has begun is not used again.
 */
export function withoutRun(phase: Phase, nowMs: number): Phase | null {
  if (!hasRun(phase)) return null;
  return { ...streamingFrom(phase, nowMs), isRunDone: true, wantedRun: phase.run };
}

/**
 * The phase that a new generation begins with: a run that was going on gives way to the next, whose snapshots are above
 * everything that was delivered at the positions before.
 */
export function onNewPositions(phase: Phase, nowMs: number): Phase {
  const streaming = streamingFrom(phase, nowMs);
  return phase.isRunDone ? streaming : withNextRun({ ...streaming, isRunDone: true });
}

/**
 * The phase as a request wants it: a subscription that is given a bootstrap has its first run asked for, and one that
 * loses it has no run any more; given again, it begins anew what it lost. `null` where that is so already.
 */
export function asRequested(phase: Phase | undefined, isBootstrapped: boolean, nowMs: number): Phase | null {
  if (isBootstrapped) return phase === undefined || phase.isWithdrawn ? withNextRun(phase ?? STREAMING) : null;
  const withdrawn = phase === undefined ? null : withoutRun(phase, nowMs);
  return withdrawn && { ...withdrawn, isWithdrawn: true };
}

/** How long the rows of a run that is over are kept, for a person to see how it went. */
const KEPT_MS = 24 * 60 * 60_000;

/**
 * The scans of runs that are over, as they are written to be removed: nothing reads or writes their rows any more. The
 * run's number stays in the pointer, so no other run ever gets it.
 *
 * Only while changes are read, and nothing of the phase before is in flight. Under one pointer the moment is always the
 * same, so that what one walk began to write another can go on with.
 */
export function endedScans(rows: readonly StreamRow[], pointer: Pointer): readonly EndedScan[] {
  const phase = phaseOf(pointer);
  if (phase.kind === 'scanning') return [];
  const isOver = (run: number): boolean => run < phase.run || (run === phase.run && phase.isRunDone);
  const removeAtMs = Math.max(phase.beganAtMs, pointer.startedAtMs) + KEPT_MS;
  return rows
    .filter((row) => row.removeAtMs === undefined && row.run !== undefined)
    .filter(({ generation, run = 0 }) => generation < pointer.generation || isOver(run))
    .map((row) => ({ ...row, removeAtMs, revision: row.revision + 1 }));
}

/** The row of a scan that may be removed. */
export type EndedScan = StreamRow & { readonly removeAtMs: number };

const streamingFrom = (phase: Phase, nowMs: number): Phase => ({
  ...phase,
  kind: 'streaming',
  epoch: phase.epoch + 1,
  beganAtMs: nowMs,
  endsAtMs: 0,
});
