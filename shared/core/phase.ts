/**
 * What a bootstrapped subscription does now: reads its streams, or a slice of a run's scan. The two exclude each other:
 * no stream change is delivered while a scanned page is undelivered.
 */
export interface Phase {
  readonly kind: 'streaming' | 'scanning';
  /** Grows by one at every change; leases claimed under another epoch deliver nothing. */
  readonly epoch: number;
  /** The latest run begun, counted from 1; 0 for none. */
  readonly run: number;
  /** The run that is asked for: a run begins while it is above `run`. */
  readonly wantedRun: number;
  /** Whether the latest run is over: complete, or cancelled. */
  readonly isRunDone: boolean;
  /** How many segments the run's scan has. */
  readonly segments: number;
  /** When this phase began (epoch milliseconds). */
  readonly beganAtMs: number;
  /** When a slice of the scan ends (epoch milliseconds); 0 while streaming. */
  readonly endsAtMs: number;
  /** When the latest run began (epoch milliseconds). */
  readonly runBeganAtMs?: number;
  /** Whether a run was cancelled because the subscription had no bootstrap any more: given again, it begins another. */
  readonly isWithdrawn?: boolean;
  /** The slice of the latest run that is scanned, or was scanned last, counted from 1. */
  readonly slice?: number;
  /** How many items the table had by its own count, which is hours old, when the latest run began. */
  readonly expectedItems?: number;
  /** The export that the latest run's items come from, and the moment that they are of (epoch milliseconds). */
  readonly export?: { readonly arn: string; readonly asOfMs: number };
}

/** A subscription that has never been asked for a run. */
export const STREAMING: Phase = {
  kind: 'streaming',
  epoch: 0,
  run: 0,
  wantedRun: 0,
  isRunDone: true,
  segments: 0,
  beganAtMs: 0,
  endsAtMs: 0,
};

/** Whether a run is asked for that has not begun. */
export const isRunAwaited = (phase: Phase): boolean => phase.kind === 'streaming' && phase.wantedRun > phase.run;

/** What the state tells that decides on the next phase. */
export interface PhaseFacts {
  /** Whether the streams' positions are stored: a scan begins only after. */
  readonly isListed: boolean;
  /** Whether every segment of the run, and its end, are settled. */
  readonly isScanned: boolean;
  /** Whether the stream whose positions the run began with is over: turned off, or gone with its table. */
  readonly isStreamOver: boolean;
  /** Whether every shard has been read beyond the beginning of this phase. */
  readonly isCaughtUp: boolean;
}

/** How a scan is cut. */
export interface ScanPlan {
  readonly sliceMs: number;
  /** The segments of a run that begins now. */
  readonly segments: number;
}

/** The phase that follows now; `null` while the present one goes on. */
export function nextPhase(phase: Phase, facts: PhaseFacts, plan: ScanPlan, nowMs: number): Phase | null {
  const scanning = {
    kind: 'scanning',
    epoch: phase.epoch + 1,
    beganAtMs: nowMs,
    endsAtMs: nowMs + plan.sliceMs,
  } as const;
  const streaming = { kind: 'streaming', epoch: phase.epoch + 1, beganAtMs: nowMs, endsAtMs: 0 } as const;
  if (phase.kind === 'scanning') {
    if (facts.isScanned) return { ...phase, ...streaming, isRunDone: true };
    // What is in the table now is not what the run's positions and versions are of: that is for the next run.
    if (facts.isStreamOver) return { ...phase, ...streaming, isRunDone: true, wantedRun: phase.run + 1 };
    return nowMs >= phase.endsAtMs ? { ...phase, ...streaming } : null;
  }
  if (!phase.isRunDone) return facts.isCaughtUp ? { ...phase, ...scanning, slice: (phase.slice ?? 1) + 1 } : null;
  if (!isRunAwaited(phase) || !facts.isListed) return null;
  const { expectedItems: _items, export: _export, ...rest } = phase;
  const begun = { run: phase.run + 1, isRunDone: false, segments: plan.segments, runBeganAtMs: nowMs, slice: 1 };
  return { ...rest, ...scanning, ...begun };
}
