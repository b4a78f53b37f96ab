import type { LeaseRow } from './lease.ts';
import { planFirstListing } from './listing-plan.ts';
import type { ListedShard } from './ports.ts';
import { shardEnd, withMoment } from './position.ts';
import { leaseOf, type Positions } from './positions-file.ts';
import type { Start } from './subscription.ts';

/** Where a tail begins: at whatever comes next, in time, or where another has been. */
export type TailStart = Start | { readonly at: 'next' } | { readonly at: 'positions'; readonly positions: Positions };

/** The shards of a stream as a tail begins with them. */
export interface TailBeginning {
  readonly rows: readonly LeaseRow[];
  /** The shards to open at whatever comes next. */
  readonly atNext: ReadonlySet<string>;
  /** Where shards begin that are listed later, and have no parents. */
  readonly start: Start;
}

/** Clocks of different machines differ: a position at whatever comes next is kept as one this much earlier. */
const SKEW_MS = 5_000;

/** Begins with a listing: in time as subscriptions do; at what comes next with the open shards alone. */
export function beginTail(
  listed: readonly ListedShard[],
  start: Start | { readonly at: 'next' },
  nowMs: number,
): TailBeginning {
  if (start.at !== 'next') return { rows: planFirstListing(listed, start, null), atNext: new Set(), start };
  const momentMs = Math.floor(nowMs / 1_000) * 1_000 - SKEW_MS;
  const open = new Set(listed.filter((shard) => !shard.isClosed).map((shard) => shard.shardId));
  const rows = planFirstListing(listed, { at: 'latest', momentMs }, null).map((row) =>
    open.has(row.shardId) ? row : { ...row, position: shardEnd() },
  );
  return { rows, atNext: open, start: HORIZON };
}

/** Goes on at the positions of one stream. */
export function tailAt(positions: Positions, arn: string): TailBeginning {
  const shards = positions.streams.find((stream) => stream.arn === arn)?.shards ?? [];
  return { rows: shards.map(leaseOf), atNext: new Set(), start: HORIZON };
}

const HORIZON: Start = { at: 'trim-horizon' };

/** A row after a change of it was told: a moment that was waited for is reached with the first change not before it. */
export function toldUpTo(row: LeaseRow, position: LeaseRow['position'], createdAtMs: number): LeaseRow {
  const { notBefore } = row.position;
  const isReached = notBefore === undefined || createdAtMs >= notBefore;
  return {
    ...row,
    epoch: 1,
    position: withMoment(position, isReached ? undefined : notBefore),
    lastRecordAtMs: createdAtMs,
  };
}
