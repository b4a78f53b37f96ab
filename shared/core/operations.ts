import { STREAM_RETENTION_MS } from './gap.ts';
import type { LeaseChange, LeaseRow } from './lease.ts';
import type { Start, StreamRow } from './subscription.ts';

/** Whether the stream's row is of a table's changes, and not of a run's scan. */
export const isOfChanges = (row: StreamRow): boolean => row.run === undefined;

/**
 * The number of a new generation: above every one of which there are rows, also of one that an operator began to write
 * and never switched to.
 */
export const nextGeneration = (current: number, streams: readonly StreamRow[]): number =>
  Math.max(current, ...streams.map((row) => row.generation)) + 1;

/** How long a stream keeps its records (milliseconds). */
export const keptForMs = (row: StreamRow): number => row.retentionMs ?? STREAM_RETENTION_MS;

/** The moment a start reads a stream from: the oldest that it may still keep, where the start names none or an older one. */
export const startMomentMs = (start: Start, row: StreamRow, nowMs: number): number =>
  Math.max(nowMs - keptForMs(row), start.at === 'trim-horizon' ? 0 : start.momentMs);

/**
 * The streams of the current generation as a new one begins them, from `start` on.
 *
 * A stream that was replaced before the start, or longer ago than streams keep records, has nothing left for it. The
 * latest known one is always carried over: should the table have another by now, that is a replacement and a gap.
 */
export function carriedStreams(
  streams: readonly StreamRow[],
  from: number,
  to: number,
  start: Start,
  nowMs: number,
): readonly StreamRow[] {
  const known = streams
    .filter((row) => row.generation === from && isOfChanges(row))
    .toSorted((a, b) => a.stream.createdAtMs - b.stream.createdAtMs);
  return known
    .filter((row, index) => (known[index + 1]?.stream.createdAtMs ?? nowMs + 1) > startMomentMs(start, row, nowMs))
    .map((row, index) => ({
      kind: 'stream',
      revision: 0,
      generation: to,
      stream: row.stream,
      isReplacement: index > 0,
      isFirstListingComplete: false,
      listedAtMs: 0,
      isDrained: false,
      ...(row.retentionMs !== undefined && { retentionMs: row.retentionMs }),
    }));
}

/** When the last of these leases is free at the latest; 0 when all are free. */
export const busyUntilMs = (leases: readonly LeaseRow[], nowMs: number): number =>
  leases.reduce(
    (latest, row) => (row.owner === null || row.expiresAtMs <= nowMs ? latest : Math.max(latest, row.expiresAtMs)),
    0,
  );

/**
 * Lets a halted shard go on: its gap counts as told, or is told to the handler first.
 *
 * Refused while a walk holds the lease: the walk would write over it. An expired lease is taken from its owner, with the
 * next epoch, so that whoever froze with it writes nothing any more.
 */
export function acceptGap(row: LeaseRow, status: 'reported' | 'undelivered', nowMs: number): LeaseChange {
  if (row.gap?.status !== 'halted') return { ok: false, reason: 'finished' };
  if (row.owner !== null && nowMs < row.expiresAtMs) return { ok: false, reason: 'held' };
  const freed =
    row.owner === null ? row : { ...row, owner: null, epoch: row.epoch + 1, expiresAtMs: 0, claimant: null };
  return { ok: true, next: { ...freed, gap: { ...row.gap, status, acceptedAtMs: nowMs }, revision: row.revision + 1 } };
}
