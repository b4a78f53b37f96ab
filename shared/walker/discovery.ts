import { gapAt, mayHaveLost, STREAM_RETENTION_MS, vanishedShards } from '../core/gap.ts';
import { bornAfter } from '../core/hidden-loss.ts';
import type { LeaseRow, ShardGap } from '../core/lease.ts';
import {
  lateParents,
  mayHaveUnseenShards,
  missingParents,
  prematureOrphans,
  withDescendants,
} from '../core/listing-doubt.ts';
import { planFirstListing, planNewShards, unseenShardsRow, vanishedRow } from '../core/listing-plan.ts';
import type { ListedShard, Source, StreamIdentity } from '../core/ports.ts';
import { trimHorizon } from '../core/position.ts';
import { retentionOf } from '../core/retention.ts';
import { removableRows } from '../core/shard-graph.ts';
import { startIn } from '../core/stream-rows.ts';
import type { StreamRow } from '../core/subscription.ts';
import type { WalkContext } from './context.ts';
import { believedOf, type Doubts } from './doubts.ts';
import { gapPolicy, writeDown } from './shard-gap.ts';

/** Removed rows outlive their shard: a day after its data is trimmed, and a day after it was last listed. */
const KEEP_MS = 24 * 60 * 60 * 1000;

/** What a listing showed. */
export interface Listing {
  readonly stream: StreamRow;
  readonly shards: number;
  /** Whether new shards may still appear. */
  readonly isOpen: boolean;
  /** Whether shards were left out because the listing contradicts itself. */
  readonly isDoubtful: boolean;
}

/**
 * Lists a stream's shards and stores a row for each new one, parents first; `null` when the listing failed.
 *
 * The first listing is complete only once its stream's row says so: dying before repeats it, and rows that exist stay
 * as they are.
 */
export async function listStream(
  context: WalkContext,
  stream: StreamRow,
  doubts: Doubts,
  signal: AbortSignal,
): Promise<Listing | null> {
  const { state, clock, report } = context.ports;
  const listed = await allShards(context, stream.stream, signal);
  if (listed === null) return null;
  const isFirst = !stream.isFirstListingComplete;
  const nowMs = clock.nowMs();
  const isUnseen = listed.isGone && mayHaveUnseenShards(stream, context.rows, await vanishedBefore(context));
  const orphans = prematureOrphans(listed.shards, context.rows, nowMs);
  const listedIds = new Set(listed.shards.map((shard) => shard.shardId));
  const missing = isFirst ? [] : missingParents(context.rows, listedIds);
  const unseen = isUnseen ? [stream.stream.arn] : [];
  const believed = believedOf(doubts, [...unseen, ...orphans.map((shard) => shard.shardId), ...missing], nowMs);
  if (isUnseen && !believed.has(stream.stream.arn)) return { stream, shards: 0, isOpen: true, isDoubtful: true };
  const premature = orphans.filter((shard) => !believed.has(shard.shardId));
  const doubtful = withDescendants(premature, listed.shards, context.rows);
  const vanished = missing.filter((shardId) => believed.has(shardId));
  const isDoubtful = doubtful.size > 0 || vanished.length < missing.length;
  const unsure = { isOpen: listed.isOpen, isDoubtful };
  if (isFirst && doubtful.size > 0) return { ...unsure, stream, shards: listed.shards.length };

  const shards = listed.shards.filter((shard) => !doubtful.has(shard.shardId));
  const start = startIn(stream, context.pointer.start);
  const gapOf = (reason: ShardGap['reason']) => (shard: Pick<ListedShard, 'shardId'>) =>
    gapAt(reason, context.key, shard.shardId, trimHorizon(), nowMs, gapPolicy(context.request));
  const planned = [
    ...(isFirst
      ? // The stream was re-created: what was written between the old one's end and the new one's beginning may be lost.
        planFirstListing(shards, start, stream.isReplacement ? gapOf('stream-replaced') : null, context.rows)
      : planNewShards(shards, context.rows, gapOf('parent-missing'), start)),
    ...(isUnseen ? lostUnseen(context, unseenShardsRow(stream.stream, start, gapOf('shard-vanished')), nowMs) : []),
  ];
  for (const row of planned) {
    if (row.gap && !context.rows.has(row.shardId) && !(await writeDown(context, row.gap, signal))) return null;
  }
  for (const shardId of vanished) {
    // Another worker may have seen it listed: only what is stored counts.
    if ((await state.lease(context.key, shardId)) === null) {
      if (!(await writeDown(context, gapOf('parent-missing')({ shardId }), signal))) return null;
      await state.createLeases(context.key, [vanishedRow(shardId, start)]);
    }
    const row = await state.lease(context.key, shardId);
    if (row) context.rows.set(shardId, row);
  }
  for (const { shardId, parent } of isFirst ? [] : lateParents(shards, context.rows)) {
    const message = `its parent ${parent} was listed too late: the two are read side by side`;
    report({ kind: 'lineage-violated', shardId, parent, message });
  }
  const isHiding = !isFirst && context.ports.source.hidesTrimmed;
  const create = isHiding ? planned.map((row) => bornAfter(row, stream.listedAtMs)) : planned;
  for (const level of levels(create)) await state.createLeases(context.key, level);
  // Another worker may have created one of them before, with another position: only what is stored counts.
  if (planned.length > 0) for (const row of await state.leases(context.key)) meetRow(context, row);
  await expireRows(context, listedIds, nowMs);
  report({ kind: 'shards-listed', shards: listed.shards.length, created: planned.length });

  // A listing that left shards out is none that shows what is younger than it.
  if (isDoubtful) return { ...unsure, stream, shards: listed.shards.length };
  const next = {
    ...stream,
    ...keptFor(context.ports.source),
    isFirstListingComplete: true,
    listedAtMs: nowMs,
    revision: stream.revision + 1,
  };
  if (!(await state.putControl(context.request.subscription, next, stream.revision))) return null;
  context.listing.atMs = nowMs;
  return { ...unsure, stream: next, shards: listed.shards.length };
}

/** What a stream's row says of its retention: nothing where it is a day. */
function keptFor(source: Source): Pick<StreamRow, 'retentionMs'> {
  const retentionMs = retentionOf(source);
  return { retentionMs: retentionMs === STREAM_RETENTION_MS ? undefined : retentionMs };
}

/** Every page of the listing, paced; `null` when one of them failed. */
async function allShards(
  context: WalkContext,
  stream: StreamIdentity,
  signal: AbortSignal,
): Promise<{ readonly shards: readonly ListedShard[]; readonly isOpen: boolean; readonly isGone: boolean } | null> {
  const { source, report } = context.ports;
  const shards = new Map<string, ListedShard>();
  let after: string | null = null;
  for (;;) {
    if (!(await context.pacer.turn(signal))) return null;
    const page = await source.listShards(stream, after);
    if (page.kind === 'gone') return { shards: [], isOpen: false, isGone: true };
    if (page.kind === 'failed') {
      report({ kind: 'source-failed', operation: 'list', reason: page.reason, message: page.message });
      return null;
    }
    for (const shard of page.shards) shards.set(shard.shardId, shard);
    if (page.next === null) return { shards: [...shards.values()], isOpen: page.open, isGone: false };
    after = page.next;
  }
}

async function vanishedBefore({ ports, request, key }: WalkContext): Promise<ReadonlySet<string>> {
  return vanishedShards(await ports.state.gaps(request.subscription), key);
}

/** The row of a vanished stream's unseen shards, unless it is stored, or nothing of them can have been the subscription's. */
function lostUnseen({ rows, ports, pointer, key }: WalkContext, row: LeaseRow, nowMs: number): readonly LeaseRow[] {
  const known = {
    position: row.position,
    caughtUpAtMs: null,
    generationStartedAtMs: pointer.startedAtMs,
    streamCreatedAtMs: key.stream.createdAtMs,
  };
  // A source that hides what it trimmed lets go of a whole stream with what was in it a moment ago.
  const isLost = ports.source.hidesTrimmed === true || mayHaveLost(known, nowMs);
  return isLost && !rows.has(row.shardId) ? [row] : [];
}

/** Rows in groups in which no row is another's parent: a child's row never exists before its parents'. */
function levels(rows: readonly LeaseRow[]): readonly (readonly LeaseRow[])[] {
  const depth = new Map<string, number>();
  const groups: LeaseRow[][] = [];
  for (const row of rows) {
    const level = Math.max(0, ...row.parents.map((parent) => (depth.get(parent) ?? -1) + 1));
    depth.set(row.shardId, level);
    const group = groups[level] ?? [];
    groups[level] = group;
    group.push(row);
  }
  return groups;
}

/** Takes a stored row, unless this walk has written a newer one. */
function meetRow(context: WalkContext, row: LeaseRow): void {
  const known = context.rows.get(row.shardId);
  if (known === undefined || known.revision < row.revision) context.rows.set(row.shardId, row);
}

async function expireRows(context: WalkContext, listed: ReadonlySet<string>, nowMs: number): Promise<void> {
  const removable = removableRows(context.rows, listed);
  if (removable.length === 0) return;
  const newest = Math.max(...removable.map((row) => row.finishedAtMs ?? nowMs));
  const removeAtMs = Math.max(nowMs, newest + retentionOf(context.ports.source)) + KEEP_MS;
  const shardIds = removable.map((row) => row.shardId);
  await context.ports.state.expireLeases(context.key, shardIds, removeAtMs);
  for (const row of removable) context.rows.set(row.shardId, { ...row, removeAtMs });
}
