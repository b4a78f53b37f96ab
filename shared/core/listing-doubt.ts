import { STREAM_RETENTION_MS } from './gap.ts';
import type { LeaseRow } from './lease.ts';
import type { ListedShard } from './ports.ts';
import { parentsFirst } from './shard-graph.ts';
import type { StreamRow } from './subscription.ts';

/**
 * Parents that an unread row waits for although they are neither known nor listed: the listing is incomplete, or they
 * vanished before anybody stored a row for them.
 */
export function missingParents(known: ReadonlyMap<string, LeaseRow>, listed: ReadonlySet<string>): readonly string[] {
  const missing = new Set(
    [...known.values()]
      .filter((row) => row.epoch === 0 && row.position.at !== 'shard-end')
      .flatMap((row) => row.parents)
      .filter((parent) => !known.has(parent) && !listed.has(parent)),
  );
  return [...missing];
}

/**
 * Shards whose parent is not listed although it cannot have been trimmed yet: the listing is incomplete.
 *
 * A child is created when its parent closes, and a closed shard keeps its records for a day. Of a shard whose id does not
 * tell its age, nothing is known: it is doubted, too.
 */
export function prematureOrphans(
  listed: readonly ListedShard[],
  known: ReadonlyMap<string, LeaseRow>,
  nowMs: number,
): readonly ListedShard[] {
  const ids = new Set(listed.map((shard) => shard.shardId));
  return listed.filter(
    (shard) =>
      !known.has(shard.shardId) &&
      (shard.createdAtMs === null || nowMs - shard.createdAtMs < STREAM_RETENTION_MS) &&
      shard.parents.some((parent) => !ids.has(parent) && !known.has(parent)),
  );
}

/** Shards that have to wait, and all new ones that descend from them: they wait with their parents. */
export function withDescendants(
  waiting: readonly ListedShard[],
  listed: readonly ListedShard[],
  known: ReadonlyMap<string, LeaseRow>,
): ReadonlySet<string> {
  const ids = new Set(waiting.map((shard) => shard.shardId));
  for (const shard of parentsFirst(listed)) {
    if (!known.has(shard.shardId) && shard.parents.some((parent) => ids.has(parent))) ids.add(shard.shardId);
  }
  return ids;
}

/** A shard that was taken for one without this parent, because listings showed the parent too late. */
export interface LateParent {
  readonly shardId: string;
  readonly parent: string;
}

/** The shards that are listed for the first time after a child of theirs, which does not wait for them. */
export function lateParents(
  listed: readonly ListedShard[],
  known: ReadonlyMap<string, LeaseRow>,
): readonly LateParent[] {
  const unknown = new Set(listed.map((shard) => shard.shardId).filter((shardId) => !known.has(shardId)));
  return listed.flatMap(({ shardId, parents }) => {
    const row = known.get(shardId);
    if (row === undefined) return [];
    const late = parents.filter((parent) => unknown.has(parent) && !row.parents.includes(parent));
    return late.map((parent) => ({ shardId, parent }));
  });
}

/** Listings show a new shard seconds after it was created; a minute later all of them do. */
const LISTING_LAG_MS = 60_000;

/**
 * Whether a stream may have had shards that no complete listing has shown: it was never listed, or not again after one
 * of its shards was at its end. What came after a shard that vanished (`told`) is part of that shard's own gap.
 */
export const mayHaveUnseenShards = (
  stream: StreamRow,
  rows: ReadonlyMap<string, LeaseRow>,
  told: ReadonlySet<string>,
): boolean =>
  !stream.isFirstListingComplete ||
  [...rows.values()].some(
    ({ shardId, finishedAtMs }) =>
      finishedAtMs !== null && stream.listedAtMs - finishedAtMs < LISTING_LAG_MS && !told.has(shardId),
  );
