import { comparePositions, type Position, shardEnd } from './position.ts';
import type { GapNotice } from './record.ts';

/** An iterator that still lives, kept with its lease so that a short walk gets past empty pages. */
export interface LiveIterator {
  readonly value: string;
  readonly issuedAtMs: number;
}

/**
 * A gap that its shard is at.
 *
 * - `halted`: nothing is read until an operator accepts the gap by name.
 * - `undelivered`: the handler is told before anything else of the shard.
 * - `reported`: reading goes on, from what is left of the shard.
 */
export interface ShardGap extends GapNotice {
  readonly status: 'halted' | 'undelivered' | 'reported';
  /** When an operator let the shard go on (epoch milliseconds). */
  readonly acceptedAtMs?: number;
}

/**
 * One shard's row: the right to read it for a while, fenced by an epoch, carrying its position and lineage.
 *
 * Times are epoch milliseconds.
 */
export interface LeaseRow {
  readonly shardId: string;
  /** The shards that must be at their end before this one is read for the first time. */
  readonly parents: readonly string[];
  readonly position: Position;
  readonly owner: string | null;
  /** Grows by one at every change of owner. 0: never read. */
  readonly epoch: number;
  /** Grows by one at every write, so that a write that was given up and arrives late cannot undo a newer one. */
  readonly revision: number;
  readonly expiresAtMs: number;
  /** The worker that asks the owner for this shard. */
  readonly claimant: string | null;
  readonly iterator: LiveIterator | null;
  /** Empty pages in a row; ten make a shard idle. */
  readonly emptyPages: number;
  /** When the shard was last seen without unread records. */
  readonly caughtUpAtMs: number | null;
  /** The creation time of the last settled record. */
  readonly lastRecordAtMs: number | null;
  /** At the shard's end: whether the children's rows are stored. */
  readonly children: 'unknown' | 'not-visible' | 'stored';
  readonly gap: ShardGap | null;
  /** How often the batch at the position has failed. */
  readonly attempts: number;
  readonly finishedAtMs: number | null;
  /** At the end of a scan's segment: how many items it had. */
  readonly items?: number;
  /** From when on the row may be removed; set once the source no longer lists the shard. */
  readonly removeAtMs?: number;
}

/** How far a shard has been read and settled: the part of its row that moves while it is read. */
export type Progress = Pick<
  LeaseRow,
  'position' | 'iterator' | 'emptyPages' | 'caughtUpAtMs' | 'lastRecordAtMs' | 'attempts' | 'gap'
>;

export type LeaseChange =
  | { readonly ok: true; readonly next: LeaseRow }
  | { readonly ok: false; readonly reason: 'held' | 'finished' | 'halted' | 'free' | 'backwards' };

/** Takes a free or expired lease, with the next epoch, to be read from `position`, which may only have moved forward. */
export function claim(
  row: LeaseRow,
  owner: string,
  nowMs: number,
  durationMs: number,
  position: Position = row.position,
): LeaseChange {
  if (row.position.at === 'shard-end') return { ok: false, reason: 'finished' };
  if (row.gap?.status === 'halted') return { ok: false, reason: 'halted' };
  if (row.owner !== null && nowMs < row.expiresAtMs) return { ok: false, reason: 'held' };
  if (comparePositions(position, row.position) < 0) return { ok: false, reason: 'backwards' };
  return written(row, { position, owner, epoch: row.epoch + 1, expiresAtMs: nowMs + durationMs, claimant: null });
}

/** Stores what has been settled and holds the lease until `untilMs`; a lease is never shortened by its owner. */
export function advance(row: LeaseRow, progress: Progress, untilMs: number): LeaseChange {
  const refused = refusal(row, progress.position);
  if (refused) return refused;
  return written(row, { ...progress, expiresAtMs: Math.max(row.expiresAtMs, untilMs) });
}

/** Gives the lease back, with what has been settled. Only without a delivery in flight. */
export function release(row: LeaseRow, progress: Progress): LeaseChange {
  const refused = refusal(row, progress.position);
  if (refused) return refused;
  return written(row, { ...progress, owner: null, expiresAtMs: 0, claimant: null });
}

/**
 * Ends the shard: everything of it is settled. Its moment stays, for the children to inherit, and of a scan's segment
 * the number of its items. A gap that halts the
 * shard is not settled: only an operator ends it.
 */
export function finish(
  row: LeaseRow,
  lastRecordAtMs: number | null,
  notBefore: number | undefined,
  children: 'not-visible' | 'stored',
  nowMs: number,
  items?: number,
): LeaseChange {
  const refused = refusal(row, shardEnd(notBefore));
  if (refused) return refused;
  if (row.gap?.status === 'halted') return { ok: false, reason: 'halted' };
  return written(row, {
    position: shardEnd(notBefore),
    owner: null,
    expiresAtMs: 0,
    claimant: null,
    iterator: null,
    emptyPages: 0,
    caughtUpAtMs: nowMs,
    lastRecordAtMs,
    attempts: 0,
    gap: null,
    children,
    finishedAtMs: nowMs,
    ...(items !== undefined && { items }),
  });
}

/** What a failed or unanswered write turned out to be, judged by the row as it is now. */
export type WriteOutcome =
  | { readonly kind: 'applied' }
  /** Nothing of it happened, or only an earlier write of the same owner: write `next` on `previous` now. */
  | { readonly kind: 'repeat'; readonly previous: LeaseRow; readonly next: LeaseRow }
  | { readonly kind: 'lost' };

/**
 * Tells whether a write took place, from the row read after it.
 *
 * A service may apply a write and fail to say so, and may apply one late. An owner writes one row at a time, and no
 * two owners share an epoch, so owner, epoch and revision identify a write; but for a walk that claims anew what it claimed
 * before without learning of it: then the time of the lease tells which claim was stored.
 */
export function outcomeOf(previous: LeaseRow, next: LeaseRow, current: LeaseRow | null): WriteOutcome {
  if (current === null) return { kind: 'lost' };
  if (isSameWrite(current, next)) return { kind: 'applied' };
  if (current.owner !== previous.owner || current.epoch !== previous.epoch) return { kind: 'lost' };
  const isClaim = next.epoch !== previous.epoch;
  if (isClaim && current.revision !== previous.revision) return { kind: 'lost' };
  return { kind: 'repeat', previous: current, next: { ...next, revision: current.revision + 1 } };
}

const isSameWrite = (a: LeaseRow, b: LeaseRow): boolean =>
  a.owner === b.owner &&
  a.epoch === b.epoch &&
  a.revision === b.revision &&
  a.expiresAtMs === b.expiresAtMs &&
  comparePositions(a.position, b.position) === 0;

function refusal(row: LeaseRow, position: Position): LeaseChange | null {
  if (row.position.at === 'shard-end') return { ok: false, reason: 'finished' };
  if (row.owner === null) return { ok: false, reason: 'free' };
  if (comparePositions(position, row.position) < 0) return { ok: false, reason: 'backwards' };
  return null;
}

const written = (row: LeaseRow, changes: Partial<LeaseRow>): LeaseChange => ({
  ok: true,
  next: { ...row, ...changes, revision: row.revision + 1 },
});
