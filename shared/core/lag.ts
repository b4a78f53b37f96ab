import { STREAM_RETENTION_MS } from './gap.ts';
import type { LeaseRow } from './lease.ts';
import { listingOverdueMs } from './listing-pace.ts';
import { openingPosition, withoutVisibleChildren } from './shard-graph.ts';
import { shardCreatedAtMs } from './stream-time.ts';
import type { StreamRow } from './subscription.ts';

/** The moment at which lag is asked for, and the stream whose shards are looked at. */
export interface LagMoment {
  readonly nowMs: number;
  readonly stream: StreamRow;
}

/** How far one shard is behind. */
export interface ShardLag {
  readonly shardId: string;
  /** The age of the oldest record that the shard may still hold unread, at most the retention. */
  readonly lagMs: number;
}

/**
 * The lag of every shard that may hold unread records, also of one that nobody holds, that waits for its parents, or
 * that a gap halts.
 *
 * A shard was without unread records when it was last seen caught up, and nothing before its last settled record is
 * unread. So the later of the two is as old as an unread record can be: while a quiet shard is read, it stays young, and
 * as soon as reading or delivering stops it ages. A shard of which neither is known is younger than its own creation,
 * its parents' last records, and the moment at which reading begins.
 *
 * A finished shard whose children are not visible yet answers for them, and so does one whose children no listing has
 * confirmed in time: a second child may be missing. What the last listing did not show is younger than it.
 */
export function shardLags(rows: ReadonlyMap<string, LeaseRow>, moment: LagMoment): readonly ShardLag[] {
  const { retentionMs = STREAM_RETENTION_MS } = moment.stream;
  // Asked of the last listing: until there is another, children that are listed by now are not known.
  const invisible = new Set(withoutVisibleChildren(rows, moment.stream.listedAtMs, retentionMs));
  const lineage: Lineage = { rows, moment, bases: new Map() };
  const overdueMs = listingOverdueMs(rows.size);
  const lags: ShardLag[] = [];
  for (const row of rows.values()) {
    if (isFinished(row) && !invisible.has(row) && !isUnconfirmed(row, moment, overdueMs)) continue;
    const unlistedAtMs = isFinished(row) ? moment.stream.listedAtMs - LISTING_LAG_MS : 0;
    const lagMs = moment.nowMs - Math.max(unlistedAtMs, completeUpToMs(row, lineage));
    lags.push({ shardId: row.shardId, lagMs: Math.min(Math.max(0, lagMs), retentionMs) });
  }
  return lags;
}

/** The lag of a whole stream: that of its shard which is furthest behind; 0 when no shard can hold anything unread. */
export const streamLagMs = (rows: ReadonlyMap<string, LeaseRow>, moment: LagMoment): number =>
  shardLags(rows, moment).reduce((most, { lagMs }) => Math.max(most, lagMs), 0);

/**
 * The lag of the streams that wait until the one being read is drained: of a re-created stream nothing is read before
 * the old one's end, and its oldest record may be as old as itself.
 */
export function awaitedLagMs(streams: readonly StreamRow[], reading: StreamRow, nowMs: number): number {
  const awaited = streams.filter((row) => row.generation === reading.generation && !row.isDrained);
  const behind = awaited.filter((row) => row.stream.createdAtMs > reading.stream.createdAtMs);
  const ages = behind.map((row) => nowMs - row.stream.createdAtMs);
  return Math.min(Math.max(0, ...ages), reading.retentionMs ?? STREAM_RETENTION_MS);
}

/** The hours until the stream begins to trim what a lag of so many milliseconds leaves unread; 0 when it may have begun. */
export const hoursUntilLoss = (lagMs: number, retentionMs: number = STREAM_RETENTION_MS): number =>
  Math.max(0, retentionMs - lagMs) / 3_600_000;

/** Listings show a new shard seconds after it was created, and reading all their pages takes some more. */
const LISTING_LAG_MS = 60_000;

const isUnconfirmed = ({ finishedAtMs }: LeaseRow, { nowMs, stream }: LagMoment, overdueMs: number): boolean =>
  finishedAtMs !== null && stream.listedAtMs < finishedAtMs && nowMs - finishedAtMs >= overdueMs;

const isFinished = (row: LeaseRow): boolean => row.position.at === 'shard-end';

/** Rows, and what was found out about them already. */
interface Lineage {
  readonly rows: ReadonlyMap<string, LeaseRow>;
  readonly moment: LagMoment;
  readonly bases: Map<string, number>;
}

/** A moment before which the shard, and its children as far as they are not visible, holds nothing unread. */
const completeUpToMs = (row: LeaseRow, lineage: Lineage): number =>
  // When a shard was finished says nothing of its children, which may have been written long before.
  Math.max(baseMs(row, lineage), isFinished(row) ? 0 : (row.caughtUpAtMs ?? 0));

/** The same for a shard's children, too. A child's records are all younger than its parents'. */
function baseMs(row: LeaseRow, lineage: Lineage): number {
  const { rows, moment, bases } = lineage;
  const known = bases.get(row.shardId);
  if (known !== undefined) return known;
  // Set before the parents are asked, so that lineage which contradicts itself ends.
  bases.set(row.shardId, 0);
  const createdAtMs = shardCreatedAtMs(row.shardId);
  const isInherited = createdAtMs === null && row.lastRecordAtMs === null;
  const parents = isInherited ? row.parents.map((parent) => rows.get(parent)) : [];
  const base = Math.max(
    moment.stream.stream.createdAtMs,
    createdAtMs ?? 0,
    row.lastRecordAtMs ?? 0,
    openingPosition(row, rows).notBefore ?? 0,
    ...parents.map((parent) => (parent === undefined ? 0 : baseMs(parent, lineage))),
  );
  bases.set(row.shardId, base);
  return base;
}
