import { STREAM_RETENTION_MS } from './gap.ts';
import type { LeaseRow } from './lease.ts';
import type { ListedShard } from './ports.ts';
import { parentsFirst } from './shard-graph.ts';

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
 * A child is created when its parent closes, and a closed shard keeps its records for a day.
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
      shard.createdAtMs !== null &&
      nowMs - shard.createdAtMs < STREAM_RETENTION_MS &&
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
