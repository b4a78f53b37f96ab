import type { LeaseRow, ShardGap } from './lease.ts';
import type { ListedShard, StreamIdentity } from './ports.ts';
import { atSequenceNumber, type Position, shardEnd, trimHorizon } from './position.ts';
import { parentsFirst } from './shard-graph.ts';
import type { Start } from './subscription.ts';

/** How a gap found in a listing is to be treated, and how it is told. */
export type GapOf = (shard: ListedShard) => ShardGap;

/**
 * The rows of a stream's first complete listing.
 *
 * Only its roots start at the trim horizon; every other shard starts at its own first sequence number, which fails
 * loudly when its beginning is trimmed. A start in time reads every shard that may hold records of that moment. A parent
 * that an interrupted first listing has stored counts, also while a listing hides it.
 */
export function planFirstListing(
  listed: readonly ListedShard[],
  start: Start,
  rootGap: GapOf | null,
  stored: ReadonlyMap<string, LeaseRow> = new Map(),
): readonly LeaseRow[] {
  const ids = new Set([...stored.keys(), ...listed.map((shard) => shard.shardId)]);
  const moment = momentOf(start);
  const childrenOf = childrenByParent(listed);
  return parentsFirst(listed).map((shard) => {
    const parents = shard.parents.filter((parent) => ids.has(parent));
    const isRoot = parents.length === 0;
    if (moment !== undefined && endedBefore(shard, childrenOf.get(shard.shardId) ?? [], moment)) {
      return newRow(shard, parents, shardEnd(moment), null);
    }
    const position = isRoot ? trimHorizon(moment) : atSequenceNumber(shard.startingSequenceNumber, moment);
    return newRow(shard, parents, position, isRoot && rootGap ? rootGap(shard) : null);
  });
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
): readonly LeaseRow[] {
  const moment = momentOf(start);
  const ids = new Set(listed.map((shard) => shard.shardId));
  return parentsFirst(listed.filter((shard) => !known.has(shard.shardId))).map((shard) => {
    const parents = shard.parents.filter((parent) => ids.has(parent) || known.has(parent));
    const isOrphan = shard.parents.length > parents.length;
    const position = atSequenceNumber(shard.startingSequenceNumber, parents.length === 0 ? moment : undefined);
    return newRow(shard, parents, position, isOrphan ? orphanGap(shard) : null);
  });
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

/** The finished row of a shard that vanished before it was stored, so that its children need not wait for it. */
export const vanishedRow = (shardId: string, start: Start): LeaseRow =>
  newRow(
    { shardId, parents: [], startingSequenceNumber: '0', isClosed: true, createdAtMs: null },
    [],
    shardEnd(start.at === 'trim-horizon' ? undefined : start.momentMs),
    null,
  );

/**
 * The row that stands for the shards of a stream that is gone before any listing showed them: all there is to read of it
 * is their gap.
 */
export function unseenShardsRow(stream: StreamIdentity, start: Start, gap: GapOf): LeaseRow {
  const shardId = unseenShardsId(stream);
  const shard = { shardId, parents: [], startingSequenceNumber: '0', isClosed: true, createdAtMs: stream.createdAtMs };
  return newRow(shard, [], trimHorizon(momentOf(start)), gap(shard));
}

/** An id that no shard has, in a form that services accept as a shard's. */
export const unseenShardsId = ({ createdAtMs }: StreamIdentity): string =>
  `shardId-${String(createdAtMs).padStart(20, '0')}-unseen`;

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
