import type { LeaseRow } from './lease.ts';
import type { StreamIdentity } from './ports.ts';
import type { Pointer } from './subscription.ts';

/** What a subscription was promised, and of which stream. */
export interface Promised {
  readonly pointer: Pick<Pointer, 'start' | 'startedAtMs'>;
  readonly stream: StreamIdentity;
}

/**
 * The moment up to which nothing of a shard can be missing, for a source that does not tell when it trimmed data: every
 * unread record arrived after it.
 *
 * That is when the shard was last seen caught up, or its last settled record, or the beginning of the stream or of what
 * the subscription was promised. A shard of which nothing was read is younger than all records of its parents.
 */
export function completeUpToMs(row: LeaseRow, rows: ReadonlyMap<string, LeaseRow>, promised: Promised): number {
  const { start, startedAtMs } = promised.pointer;
  return Math.max(
    start.at === 'trim-horizon' ? startedAtMs : start.momentMs,
    promised.stream.createdAtMs,
    row.caughtUpAtMs ?? 0,
    lastKnownMs(row, rows, new Set()),
  );
}

/** When a parent was caught up, or finished, says nothing of its children: they may have been written long before. */
function lastKnownMs(row: LeaseRow, rows: ReadonlyMap<string, LeaseRow>, seen: Set<string>): number {
  const ownMs = Math.max(row.position.notBefore ?? 0, row.lastRecordAtMs ?? 0);
  if (row.lastRecordAtMs !== null || seen.has(row.shardId)) return ownMs;
  seen.add(row.shardId);
  const parents = row.parents.map((parent) => rows.get(parent)).filter((parent) => parent !== undefined);
  return Math.max(ownMs, ...parents.map((parent) => lastKnownMs(parent, rows, seen)));
}

/** Listings show a new shard seconds after it was created, and reading all their pages takes some more. */
const LISTING_LAG_MS = 60_000;

/** A new shard's row: what the last complete listing did not show is younger than that. */
export const bornAfter = (row: LeaseRow, listedAtMs: number): LeaseRow =>
  row.position.at === 'shard-end' || listedAtMs === 0
    ? row
    : { ...row, caughtUpAtMs: Math.max(0, listedAtMs - LISTING_LAG_MS) };

/** Clocks of different machines differ by seconds; a gap too many is looked at, one too few is a silent loss. */
const CLOCK_SKEW_MS = 60_000;

/**
 * Whether something may be trimmed that was not read. Behind a gap that was told, reading begins at what is left: there
 * only what is certain counts, or every page would be another gap until reading has left the end of the retention behind.
 */
export const mayHideLoss = (completeAtMs: number, nowMs: number, retentionMs: number, isBehindGap: boolean): boolean =>
  nowMs - completeAtMs >= retentionMs - (isBehindGap ? 0 : CLOCK_SKEW_MS);
