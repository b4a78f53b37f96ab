import type { LeaseRow, Progress, ShardGap } from '../../shared/core/lease.ts';
import type { ListedShard } from '../../shared/core/ports.ts';
import { afterSequenceNumber, trimHorizon } from '../../shared/core/position.ts';
import type { Slot } from '../../shared/core/subscription.ts';

/** A shard tree in one line: `{ a: ['b', 'c'] }` is shard a, which ended, with the children b and c. */
export type ShardTree = { readonly [parent: string]: readonly string[] };

/**
 * The shards of a tree as a source lists them, in the order in which they are named. One with children is closed.
 * `details` says what else matters about a shard.
 */
export function shards(
  tree: ShardTree,
  details: { readonly [shardId: string]: Partial<ListedShard> } = {},
): readonly ListedShard[] {
  return shardIds(tree).map((shardId, index) => ({
    shardId,
    parents: Object.keys(tree).filter((parent) => tree[parent]?.includes(shardId)),
    startingSequenceNumber: String((index + 1) * 100),
    isClosed: (tree[shardId] ?? []).length > 0,
    createdAtMs: null,
    ...details[shardId],
  }));
}

/** The rows of a tree's shards, unread where `details` does not say otherwise. */
export function rows(
  tree: ShardTree,
  details: { readonly [shardId: string]: Partial<LeaseRow> } = {},
): Map<string, LeaseRow> {
  return new Map(
    shards(tree).map(({ shardId, parents }) => [shardId, aLease({ shardId, parents, ...details[shardId] })]),
  );
}

const shardIds = (tree: ShardTree): readonly string[] => [
  ...new Set(Object.entries(tree).flatMap(([parent, children]) => [parent, ...children])),
];

/** A shard's row: a free root that nobody has read, where nothing else is said. */
export const aLease = (changes: Partial<LeaseRow> = {}): LeaseRow => ({
  shardId: 'a',
  parents: [],
  position: trimHorizon(),
  owner: null,
  epoch: 0,
  revision: 0,
  expiresAtMs: 0,
  claimant: null,
  iterator: null,
  emptyPages: 0,
  caughtUpAtMs: null,
  lastRecordAtMs: null,
  children: 'unknown',
  gap: null,
  attempts: 0,
  finishedAtMs: null,
  ...changes,
});

/** What a reader has settled: everything up to sequence number 100, where nothing else is said. */
export const aProgress = (changes: Partial<Progress> = {}): Progress => ({
  position: afterSequenceNumber('100'),
  iterator: null,
  emptyPages: 0,
  caughtUpAtMs: null,
  lastRecordAtMs: null,
  attempts: 0,
  gap: null,
  ...changes,
});

/** A gap that reading has passed, where nothing else is said. */
export const aGap = (changes: Partial<ShardGap> = {}): ShardGap => ({
  id: 'trimmed:a:trim-horizon',
  reason: 'trimmed',
  shardId: 'a',
  after: 'trim-horizon',
  detectedAtMs: 0,
  status: 'reported',
  ...changes,
});

/** The slot of worker 0, free, where nothing else is said. */
export const aSlot = (changes: Partial<Slot> = {}): Slot => ({
  kind: 'slot',
  revision: 0,
  worker: 0,
  owner: null,
  expiresAtMs: 0,
  handOverAtMs: 0,
  waiter: null,
  waiterUntilMs: 0,
  lastSeenAtMs: 0,
  ...changes,
});
