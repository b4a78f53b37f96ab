import { STREAM_RETENTION_MS } from './gap.ts';
import type { LeaseRow, ShardGap } from './lease.ts';
import type { ListedShard } from './ports.ts';
import { atSequenceNumber, type Position, shardEnd, trimHorizon, withMoment } from './position.ts';
import type { Start } from './subscription.ts';

/** What the shards of a listing become, so that each is read from its beginning, after its parents. */
export interface ListingPlan {
  /** New rows, parents before their children. */
  readonly create: readonly LeaseRow[];
  /** The created shards whose parent nobody read and nobody lists. */
  readonly orphans: readonly LeaseRow[];
}

/** How a gap found in a listing is to be treated, and how it is told. */
export type GapOf = (shard: ListedShard) => ShardGap;

/**
 * The rows of a stream's first complete listing.
 *
 * Only its roots start at the trim horizon; every other shard starts at its own first sequence number, which fails
 * loudly when its beginning is trimmed. A start in time reads every shard that may hold records of that moment.
 */
export function planFirstListing(listed: readonly ListedShard[], start: Start, rootGap: GapOf | null): ListingPlan {
  const ids = new Set(listed.map((shard) => shard.shardId));
  const moment = momentOf(start);
  const childrenOf = childrenByParent(listed);
  const create = parentsFirst(listed).map((shard) => {
    const parents = shard.parents.filter((parent) => ids.has(parent));
    const isRoot = parents.length === 0;
    if (moment !== undefined && endedBefore(shard, childrenOf.get(shard.shardId) ?? [], moment)) {
      return newRow(shard, parents, shardEnd(moment), null);
    }
    const position = isRoot ? trimHorizon(moment) : atSequenceNumber(shard.startingSequenceNumber, moment);
    return newRow(shard, parents, position, isRoot && rootGap ? rootGap(shard) : null);
  });
  return { create, orphans: [] };
}

/**
 * The rows of the shards that a later listing, or a parent's end, shows for the first time.
 *
 * Each starts at its own first sequence number; one without parents waits for the start's moment itself, as listings
 * may show a shard long after it was written to. One whose parent is neither in the state nor listed has missed its
 * parent: a gap.
 */
export function planNewShards(
  listed: readonly ListedShard[],
  known: ReadonlyMap<string, LeaseRow>,
  orphanGap: GapOf,
  start: Start,
): ListingPlan {
  const moment = momentOf(start);
  const ids = new Set(listed.map((shard) => shard.shardId));
  const orphans: LeaseRow[] = [];
  const create = parentsFirst(listed.filter((shard) => !known.has(shard.shardId))).map((shard) => {
    const parents = shard.parents.filter((parent) => ids.has(parent) || known.has(parent));
    const isOrphan = shard.parents.length > parents.length;
    const position = atSequenceNumber(shard.startingSequenceNumber, parents.length === 0 ? moment : undefined);
    const row = newRow(shard, parents, position, isOrphan ? orphanGap(shard) : null);
    if (isOrphan) orphans.push(row);
    return row;
  });
  return { create, orphans };
}

/** The rows of the children that a shard's end shows for the first time. */
export function planChildren(
  children: readonly ListedShard[],
  known: ReadonlyMap<string, LeaseRow>,
): readonly LeaseRow[] {
  return children
    .filter((shard) => !known.has(shard.shardId))
    .map((shard) => newRow(shard, shard.parents, atSequenceNumber(shard.startingSequenceNumber), null));
}

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

/** The finished row of a shard that vanished before it was stored, so that its children need not wait for it. */
export const vanishedRow = (shardId: string, start: Start): LeaseRow =>
  newRow(
    { shardId, parents: [], startingSequenceNumber: '0', isClosed: true, createdAtMs: null },
    [],
    shardEnd(start.at === 'trim-horizon' ? undefined : start.momentMs),
    null,
  );

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
  const parents = new Set([...rows.values()].flatMap((row) => row.parents));
  return [...rows.values()].filter(
    (row) =>
      row.children === 'not-visible' &&
      !parents.has(row.shardId) &&
      nowMs - (row.finishedAtMs ?? nowMs) < retentionMs + LATE_TRIM_MS,
  );
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

function childrenByParent(listed: readonly ListedShard[]): ReadonlyMap<string, readonly ListedShard[]> {
  const children = new Map<string, ListedShard[]>();
  for (const shard of listed) {
    for (const parent of shard.parents) children.set(parent, [...(children.get(parent) ?? []), shard]);
  }
  return children;
}

/** Records strictly before this moment are not the generation's. */
const momentOf = (start: Start): number | undefined => (start.at === 'trim-horizon' ? undefined : start.momentMs);

/** A closed shard ended before the moment when its children, by their ids, were created before it. */
function endedBefore(shard: ListedShard, children: readonly ListedShard[], momentMs: number): boolean {
  return (
    shard.isClosed &&
    children.length > 0 &&
    children.every((child) => child.createdAtMs !== null && child.createdAtMs < momentMs)
  );
}

function newRow(shard: ListedShard, parents: readonly string[], position: Position, gap: ShardGap | null): LeaseRow {
  return {
    shardId: shard.shardId,
    parents,
    position,
    owner: null,
    epoch: 0,
    revision: 0,
    expiresAtMs: 0,
    claimant: null,
    iterator: null,
    emptyPages: 0,
    caughtUpAtMs: null,
    lastRecordAtMs: null,
    children: position.at === 'shard-end' ? 'stored' : 'unknown',
    gap,
    attempts: 0,
    finishedAtMs: null,
  };
}
