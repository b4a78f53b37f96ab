import { STREAM_RETENTION_MS } from './gap.ts';
import type { LeaseRow } from './lease.ts';
import type { ListedShard } from './ports.ts';
import { type Position, withMoment } from './position.ts';

/** Whether a shard may be read: it was read before, or everything before it has been read to its end. */
export function isReadable(row: LeaseRow, rows: ReadonlyMap<string, LeaseRow>): boolean {
  if (row.position.at === 'shard-end' || row.gap?.status === 'halted') return false;
  return row.epoch > 0 || row.parents.every((parent) => rows.get(parent)?.position.at === 'shard-end');
}

/**
 * The position at which a row is opened: an unread child inherits the moment of a parent that ended before the moment
 * was reached, and of no other.
 */
export function openingPosition(row: LeaseRow, rows: ReadonlyMap<string, LeaseRow>): Position {
  if (row.epoch > 0 || row.parents.length === 0) return row.position;
  const moments = row.parents.map((parent) => rows.get(parent)?.position.notBefore);
  const reached = moments.some((moment) => moment === undefined);
  return withMoment(row.position, reached ? undefined : moments[0]);
}

/** The finished shards whose children nobody has seen yet. */
export function withoutVisibleChildren(
  rows: ReadonlyMap<string, LeaseRow>,
  nowMs: number,
  retentionMs: number = STREAM_RETENTION_MS,
): readonly LeaseRow[] {
  const isAwaiting = (row: LeaseRow): boolean =>
    row.children === 'not-visible' && nowMs - (row.finishedAtMs ?? nowMs) < retentionMs + LATE_TRIM_MS;
  const awaiting = [...rows.values()].filter(isAwaiting);
  if (awaiting.length === 0) return [];
  const parents = new Set([...rows.values()].flatMap((row) => row.parents));
  return awaiting.filter((row) => !parents.has(row.shardId));
}

/** A closed shard stays listed for as long as its records are kept; an hour more for clocks and late trimming. */
const LATE_TRIM_MS = 60 * 60 * 1000;

/**
 * Finished rows that the source no longer lists and that no unread child waits for: they may be removed some time
 * later. Removing one earlier would make its shard look new.
 */
export function removableRows(rows: ReadonlyMap<string, LeaseRow>, listed: ReadonlySet<string>): readonly LeaseRow[] {
  const awaited = new Set(
    [...rows.values()]
      .filter((row) => row.epoch === 0 && row.position.at !== 'shard-end')
      .flatMap((row) => row.parents),
  );
  return [...rows.values()].filter(
    (row) =>
      row.position.at === 'shard-end' &&
      row.removeAtMs === undefined &&
      !listed.has(row.shardId) &&
      !awaited.has(row.shardId),
  );
}

/** Shards in an order in which every parent comes before its children. A cycle or a stranger as parent ends a chain. */
export function parentsFirst(listed: readonly ListedShard[]): readonly ListedShard[] {
  const byId = new Map(listed.map((shard) => [shard.shardId, shard]));
  const ordered = new Set<ListedShard>();
  for (const first of listed) {
    const path = [first];
    const onPath = new Set(path);
    while (path.length > 0) {
      const shard = path[path.length - 1]!;
      const parent = shard.parents
        .map((id) => byId.get(id))
        .find((candidate) => candidate !== undefined && !ordered.has(candidate) && !onPath.has(candidate));
      if (parent) {
        path.push(parent);
        onPath.add(parent);
      } else {
        ordered.add(shard);
        path.pop();
      }
    }
  }
  return [...ordered];
}
