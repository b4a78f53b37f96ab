import { type Phase, STREAMING } from './phase.ts';
import type { StreamIdentity } from './ports.ts';

/** Where a generation of a subscription began. `latest` and `time` are both a moment (epoch milliseconds). */
export type Start =
  | { readonly at: 'trim-horizon' }
  | { readonly at: 'latest'; readonly momentMs: number }
  | { readonly at: 'time'; readonly momentMs: number };

/** Which generation of a subscription's positions counts. There is one such row per subscription. */
export interface Pointer {
  readonly kind: 'pointer';
  readonly revision: number;
  readonly generation: number;
  readonly start: Start;
  /** When the generation began (epoch milliseconds): what was trimmed less than a day later was written before it. */
  readonly startedAtMs: number;
  readonly isPaused: boolean;
  /** Whether every lease of the generation before was seen free or expired: nothing is claimed until then. */
  readonly isPreviousFree: boolean;
  /** What a subscription with runs does now; left out where there never was one. */
  readonly phase?: Phase;
}

/** The phase that a pointer is in. */
export const phaseOf = (pointer: Pointer): Phase => pointer.phase ?? STREAMING;

/** A stream that a generation reads, or has read. */
export interface StreamRow {
  readonly kind: 'stream';
  readonly revision: number;
  readonly generation: number;
  readonly stream: StreamIdentity;
  /** Whether another stream of the generation was read before: then this one was re-created, and its roots are gaps. */
  readonly isReplacement: boolean;
  readonly isFirstListingComplete: boolean;
  /** When the last complete listing was stored; 0 before the first. */
  readonly listedAtMs: number;
  /** Whether all its shards are finished for good. The next stream is read only then. */
  readonly isDrained: boolean;
  /** How long the stream keeps its records (milliseconds), where that is not a day. */
  readonly retentionMs?: number;
  /** The run, where this is not a stream but a run's scan. */
  readonly run?: number;
  /** From when on the row may be removed: set once its run is over, and the rows of its segments have the same moment. */
  readonly removeAtMs?: number;
}

/** The leased row that lets only one walk of a worker be active. All times are epoch milliseconds; 0 means none. */
export interface Slot {
  readonly kind: 'slot';
  readonly revision: number;
  readonly worker: number;
  readonly owner: string | null;
  readonly expiresAtMs: number;
  /** When the holder frees the slot and its idle leases; a tick shortly before it waits. */
  readonly handOverAtMs: number;
  /** The tick that waits for the slot, and until when. */
  readonly waiter: string | null;
  readonly waiterUntilMs: number;
  /** When the last walk in this slot was last known to be alive: the slot counts until two ticks later. */
  readonly lastSeenAtMs: number;
}

/** Which worker lists the shards of a subscription's streams. */
export interface Lister {
  readonly kind: 'lister';
  readonly revision: number;
  readonly owner: string | null;
  readonly expiresAtMs: number;
}

export type ControlRow = Pointer | StreamRow | Slot | Lister;

/** The control row's sort key: what distinguishes it among the rows of its subscription. */
export function controlRowId(row: ControlRow): string {
  switch (row.kind) {
    case 'pointer':
      return 'pointer';
    case 'lister':
      return 'lister';
    case 'slot':
      return `slot#${row.worker}`;
    case 'stream':
      return `stream#${row.generation}#${streamId(row.stream)}`;
  }
}

/** A stream's identity as one string: its ARN and when it was created. */
export const streamId = (stream: StreamIdentity): string => `${stream.arn}@${stream.createdAtMs}`;
