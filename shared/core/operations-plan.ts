import { STREAM_RETENTION_MS } from './gap.ts';
import { shardLags } from './lag.ts';
import type { LeaseRow } from './lease.ts';
import { keptForMs, startMomentMs } from './operations.ts';
import { comparePositions, type Position } from './position.ts';
import type { Start, StreamRow } from './subscription.ts';

/** What a new generation would read that the current one has read, and what it would leave out. All times are epoch milliseconds. */
export interface RewindPlan {
  readonly shards: readonly ShardRewind[];
  /** From when on changes come again; `null` when none does. */
  readonly againFromMs: number | null;
  /** The newest change that comes again; `null` when none does. */
  readonly againToMs: number | null;
  /** What was asked for and is older than the stream keeps: it cannot come again. `null`: nothing is. */
  readonly goneBeforeMs: number | null;
}

/** What becomes of one shard. */
export interface ShardRewind {
  readonly shardId: string;
  readonly is: 'read-again' | 'passed-over';
  /** From when on its changes come again, or are passed over; `null`: not known. */
  readonly fromMs: number | null;
  /** Up to when; `null`: not known. */
  readonly toMs: number | null;
}

/** A stream of the current generation with its rows. */
export interface ReadStream {
  readonly row: StreamRow;
  readonly leases: readonly LeaseRow[];
}

/**
 * What a start at another place means: every change since then comes again, of every shard that has one.
 *
 * A shard that still holds unread changes from before the start would never deliver them: it is passed over.
 */
export function planRewind(streams: readonly ReadStream[], start: Start, nowMs: number): RewindPlan {
  const shards = streams.flatMap(({ row, leases }) => {
    const fromMs = startMomentMs(start, row, nowMs);
    const again = leases
      .filter(({ lastRecordAtMs }) => lastRecordAtMs !== null && lastRecordAtMs >= fromMs)
      .map(({ shardId, lastRecordAtMs }): ShardRewind => ({ shardId, is: 'read-again', fromMs, toMs: lastRecordAtMs }));
    const rows = new Map(leases.map((lease) => [lease.shardId, lease]));
    const passed = shardLags(rows, { nowMs, stream: row })
      .map(({ shardId, lagMs }): ShardRewind => ({ shardId, is: 'passed-over', fromMs: nowMs - lagMs, toMs: fromMs }))
      .filter((shard) => (shard.fromMs ?? 0) < fromMs);
    return [...again, ...passed];
  });
  const horizons = streams.map(({ row }) => nowMs - keptForMs(row));
  const horizonMs = Math.min(nowMs - STREAM_RETENTION_MS, ...horizons);
  return planOf(shards, start.at !== 'trim-horizon' && start.momentMs < horizonMs ? horizonMs : null);
}

/**
 * What other positions of the same shards mean: a shard that is behind comes again, one that is ahead is passed over.
 * A subscription that has no positions yet has nothing that could be either.
 */
export function planImport(current: readonly LeaseRow[], imported: readonly LeaseRow[]): RewindPlan {
  const rows = new Map(current.map((row) => [row.shardId, row]));
  const shards = (current.length === 0 ? [] : imported).flatMap((row): readonly ShardRewind[] => {
    const known = rows.get(row.shardId);
    const order = known === undefined ? 1 : comparePositions(row.position, known.position);
    const isBeginning = known === undefined && !isReadOn(row.position);
    if (order === 0 || isBeginning) return [];
    if (order < 0) {
      return [
        { shardId: row.shardId, is: 'read-again', fromMs: row.lastRecordAtMs, toMs: known?.lastRecordAtMs ?? null },
      ];
    }
    return [
      { shardId: row.shardId, is: 'passed-over', fromMs: known?.lastRecordAtMs ?? null, toMs: row.lastRecordAtMs },
    ];
  });
  return planOf(shards, null);
}

const isReadOn = (position: Position): boolean =>
  position.at === 'after-sequence-number' || position.at === 'shard-end';

function planOf(shards: readonly ShardRewind[], goneBeforeMs: number | null): RewindPlan {
  const again = shards.filter((shard) => shard.is === 'read-again');
  const from = again.map((shard) => shard.fromMs).filter((ms) => ms !== null);
  const to = again.map((shard) => shard.toMs).filter((ms) => ms !== null);
  return {
    shards,
    againFromMs: from.length > 0 ? Math.min(...from) : null,
    againToMs: to.length > 0 ? Math.max(...to) : null,
    goneBeforeMs,
  };
}
