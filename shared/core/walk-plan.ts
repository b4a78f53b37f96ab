import type { LeaseRow } from './lease.ts';
import { isReadable } from './shard-graph.ts';
import type { Slot } from './subscription.ts';

/** What a worker does next about the shards of a stream. */
export interface WalkPlan {
  /** Free or expired leases to claim. */
  readonly claim: readonly LeaseRow[];
  /** All free or expired leases, the longest unread first: also those beyond the worker's share. */
  readonly free: readonly LeaseRow[];
  /** Leases of overloaded workers to ask for. */
  readonly request: readonly LeaseRow[];
  readonly readable: number;
  readonly waiting: number;
  readonly finished: number;
  /** Shards that a gap holds until an operator accepts it. */
  readonly halted: number;
  /** Whether there is anything left that could be read, now or once its parents are at their end. */
  readonly isDrained: boolean;
}

/**
 * Plans one worker's next claims: up to its fair share of the readable shards, the longest unread first.
 *
 * Each worker deals out the free shards to all of them (`owners`, in an order that all see alike) and claims only its
 * own, so that workers that plan at the same time do not claim the same. Asks for a lease only where another worker holds
 * more than its share and this one less, so that a balanced division is never disturbed.
 */
export function planWalk(
  rows: ReadonlyMap<string, LeaseRow>,
  owner: string,
  workers: number,
  nowMs: number,
  owners: readonly string[] = [owner],
): WalkPlan {
  const all = [...rows.values()];
  const readable = all.filter((row) => isReadable(row, rows));
  const finished = all.filter((row) => row.position.at === 'shard-end').length;
  const halted = all.filter((row) => row.gap?.status === 'halted').length;
  const share = Math.ceil(readable.length / Math.max(1, workers));
  const isFree = (row: LeaseRow): boolean => row.owner === null || row.expiresAtMs <= nowMs;
  const held = readable.filter((row) => !isFree(row));
  const free = readable.filter(isFree).toSorted(longestUnreadFirst);
  const hands = new Map(
    (owners.includes(owner) ? owners : [...owners, owner]).map((each) => [each, countOf(held, each)]),
  );
  const claims = deal(free, hands, share);
  for (const row of held) {
    if (row.claimant !== null && hands.has(row.claimant)) hands.set(row.claimant, hands.get(row.claimant)! + 1);
  }
  const requests = deal(excess(held, share), hands, share);
  return {
    claim: claims.filter(([, to]) => to === owner).map(([row]) => row),
    free,
    request: requests.filter(([, to]) => to === owner).map(([row]) => row),
    readable: readable.length,
    waiting: all.length - finished - readable.length - halted,
    finished,
    halted,
    isDrained: finished === all.length,
  };
}

/** Deals rows out one by one, each to the worker that holds the fewest, until all hold their share. */
function deal(rows: readonly LeaseRow[], hands: Map<string, number>, share: number): readonly [LeaseRow, string][] {
  const dealt: [LeaseRow, string][] = [];
  for (const row of rows) {
    const [to, count] = [...hands].reduce((fewest, hand) => (hand[1] < fewest[1] ? hand : fewest));
    if (count >= share) break;
    hands.set(to, count + 1);
    dealt.push([row, to]);
  }
  return dealt;
}

/** What workers hold beyond their share, and nobody has asked for yet. */
function excess(held: readonly LeaseRow[], share: number): readonly LeaseRow[] {
  return [...Map.groupBy(held, (row) => row.owner).values()].flatMap((rows) => {
    const unclaimed = rows.filter((row) => row.claimant === null);
    return unclaimed.slice(0, Math.max(0, unclaimed.length - share));
  });
}

const countOf = (rows: readonly LeaseRow[], owner: string): number => rows.filter((row) => row.owner === owner).length;

/** When a shard was last seen: at its last settled record, or when it had none to read. */
const lastSeenAtMs = (row: LeaseRow): number => Math.max(row.lastRecordAtMs ?? 0, row.caughtUpAtMs ?? 0);

const longestUnreadFirst = (a: LeaseRow, b: LeaseRow): number =>
  lastSeenAtMs(a) - lastSeenAtMs(b) || (a.shardId < b.shardId ? -1 : 1);

/** A slot counts as an active worker until two ticks after its last walk was seen: schedules tick every minute. */
const SLOT_COUNTS_FOR_MS = 2 * 60_000;

/** How many workers share the shards now; at least the one that asks. */
export function activeWorkers(slots: readonly Slot[], nowMs: number): number {
  return Math.max(1, slots.filter((slot) => nowMs - slot.lastSeenAtMs < SLOT_COUNTS_FOR_MS).length);
}

/** The owners of the walks that run now, in an order that all of them see alike. */
export function presentOwners(slots: readonly Slot[], nowMs: number): readonly string[] {
  return slots
    .filter((slot) => slot.expiresAtMs > nowMs)
    .toSorted((a, b) => a.worker - b.worker)
    .flatMap((slot) => slot.owner ?? []);
}

/** The workers that count, by their numbers, in order. */
export const presentWorkers = (slots: readonly Slot[], nowMs: number): readonly number[] =>
  slots
    .filter((slot) => nowMs - slot.lastSeenAtMs < SLOT_COUNTS_FOR_MS)
    .map((slot) => slot.worker)
    .toSorted((a, b) => a - b);
