import { hoursUntilLoss, type LagMoment, shardLags } from './lag.ts';
import type { LeaseRow } from './lease.ts';
import { isReadable } from './shard-graph.ts';
import { shardDetails } from './shard-map-details.ts';
import { positionName, shardName } from './shard-map-words.ts';
import type { Slot } from './subscription.ts';

/** What a map is drawn from: the rows of one subscription's current stream. */
export interface ShardMapRows {
  readonly subscription: string;
  readonly rows: ReadonlyMap<string, LeaseRow>;
  /** Whose lease belongs to which worker. */
  readonly slots: readonly Slot[];
  readonly moment: LagMoment;
  readonly isPaused: boolean;
}

/**
 * What a shard is doing.
 *
 * - `read`: somebody holds its lease.
 * - `free`: it can be read, and nobody does.
 * - `waiting`: its parents are not at their end.
 * - `halted`: a gap holds it until an operator accepts the gap.
 * - `childless`: it is at its end, and its children are not visible yet.
 * - `finished`: it is at its end, and its children are known.
 */
export type ShardState = 'read' | 'free' | 'waiting' | 'halted' | 'childless' | 'finished';

/** How far a shard is behind, from 0 (nothing to see) to 4 (soon lost). */
export type LagLevel = 0 | 1 | 2 | 3 | 4;

/** One shard of a map. */
export interface MappedShard {
  readonly shardId: string;
  readonly name: string;
  readonly state: ShardState;
  /** `null` where nothing can be unread. */
  readonly lagMs: number | null;
  readonly level: LagLevel;
  /** `worker 0`, or why there is none. */
  readonly owner: string;
  readonly position: string;
  /** Whether a gap was found here. */
  readonly hasGap: boolean;
  readonly parents: readonly string[];
  /** Column: 0 for what is finished, 1 for what can be read, 2 and more for what waits, generation by generation. */
  readonly generation: number;
  /** All numbers, a line each, for a hover. */
  readonly details: readonly string[];
}

/** A subscription's shards as they are to be drawn. */
export interface ShardMap {
  readonly subscription: string;
  readonly isPaused: boolean;
  readonly shards: readonly MappedShard[];
  /** Finished shards that are not drawn: nobody waits for their children. */
  readonly folded: number;
  readonly counts: Readonly<Record<ShardState, number>>;
  readonly workers: number;
  readonly lagMs: number;
  readonly hoursUntilLoss: number;
}

/** From each of these lags (milliseconds) on, a shard is one level up: a tick missed, ten, an hour, a quarter of the retention. */
export const LAG_LEVELS_MS = [60_000, 10 * 60_000, 3_600_000, 6 * 3_600_000] as const;

export const lagLevel = (lagMs: number): LagLevel => LAG_LEVELS_MS.filter((from) => lagMs >= from).length as LagLevel;

/** The map of a subscription's shards. Finished shards are left out, but for the parents of those that are not. */
export function shardMap({ subscription, rows, slots, moment, isPaused }: ShardMapRows): ShardMap {
  const states = statesOf(rows, moment.nowMs);
  const lags = new Map(shardLags(rows, moment).map(({ shardId, lagMs }) => [shardId, lagMs]));
  const workers = new Map(slots.map((slot) => [slot.owner, slot.worker]));
  const unfinished = [...rows.values()].filter((row) => states.get(row.shardId) !== 'finished');
  const drawn = new Set(unfinished.flatMap((row) => [row.shardId, ...row.parents]));
  const generations = generationsOf(rows, states);
  const shards = [...rows.values()]
    .filter((row) => drawn.has(row.shardId))
    .map((row): MappedShard => {
      const state = states.get(row.shardId) ?? 'free';
      const lagMs = lags.get(row.shardId) ?? null;
      const owner = ownerText(row, state, workers.get(row.owner));
      return {
        shardId: row.shardId,
        name: shardName(row.shardId),
        state,
        lagMs,
        level: lagLevel(lagMs ?? 0),
        owner,
        position: positionName(row.position),
        hasGap: row.gap !== null,
        parents: row.parents.filter((parent) => rows.has(parent)),
        generation: generations.get(row.shardId) ?? 1,
        details: shardDetails(row, { owner, lagMs }),
      };
    });
  const lagMs = Math.max(0, ...lags.values());
  return {
    subscription,
    isPaused,
    shards,
    folded: rows.size - shards.length,
    counts: countsOf(states.values()),
    workers: new Set(unfinished.filter((row) => states.get(row.shardId) === 'read').map((row) => row.owner)).size,
    lagMs,
    hoursUntilLoss: hoursUntilLoss(lagMs, moment.stream.retentionMs),
  };
}

function statesOf(rows: ReadonlyMap<string, LeaseRow>, nowMs: number): ReadonlyMap<string, ShardState> {
  const parents = new Set([...rows.values()].flatMap((row) => row.parents));
  const stateOf = (row: LeaseRow): ShardState => {
    if (row.gap?.status === 'halted') return 'halted';
    if (row.position.at === 'shard-end') {
      return row.children === 'not-visible' && !parents.has(row.shardId) ? 'childless' : 'finished';
    }
    if (!isReadable(row, rows)) return 'waiting';
    return row.owner !== null && nowMs < row.expiresAtMs ? 'read' : 'free';
  };
  return new Map([...rows.values()].map((row) => [row.shardId, stateOf(row)]));
}

/** Finished shards in the first column, what can be read in the second, and each generation that waits one further. */
function generationsOf(
  rows: ReadonlyMap<string, LeaseRow>,
  states: ReadonlyMap<string, ShardState>,
): ReadonlyMap<string, number> {
  const generations = new Map<string, number>();
  const generationOf = (shardId: string): number => {
    const known = generations.get(shardId);
    if (known !== undefined) return known;
    const state = states.get(shardId);
    const own = state === 'finished' ? 0 : 1;
    // Set before its parents are asked for, so that lineage which contradicts itself ends.
    generations.set(shardId, own);
    if (state !== 'waiting') return own;
    const parents = (rows.get(shardId)?.parents ?? []).filter((parent) => rows.has(parent));
    const generation = 1 + Math.max(own, ...parents.map(generationOf));
    generations.set(shardId, generation);
    return generation;
  };
  for (const shardId of rows.keys()) generationOf(shardId);
  return generations;
}

function ownerText(row: LeaseRow, state: ShardState, worker: number | undefined): string {
  switch (state) {
    case 'read':
      return worker === undefined ? 'a walk that ends' : `worker ${worker}`;
    case 'free':
      return row.owner === null ? 'nobody' : 'nobody (lease expired)';
    case 'waiting':
      return 'waits for its parent';
    case 'halted':
      return 'halted at a gap';
    case 'childless':
      return 'children not visible yet';
    case 'finished':
      return 'finished';
  }
}

function countsOf(states: Iterable<ShardState>): Readonly<Record<ShardState, number>> {
  const counts = { read: 0, free: 0, waiting: 0, halted: 0, childless: 0, finished: 0 };
  for (const state of states) counts[state]++;
  return counts;
}
