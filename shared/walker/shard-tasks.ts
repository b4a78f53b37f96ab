import type { LeaseRow } from '../core/lease.ts';
import { ACTIVE_FOR_MS } from '../core/pacing.ts';
import { openingPosition } from '../core/shard-graph.ts';
import type { WalkContext } from './context.ts';
import { claimLease } from './lease-keeper.ts';
import { isCaughtUp, lastRecordAtMs, type ShardSession, stopSession } from './shard-session.ts';
import { runShard } from './shard-task.ts';
import type { Wake } from './wake.ts';

/** A claim that was refused is not repeated for this long. */
const REFUSED_FOR_MS = 250;

/** The shards that a walk is reading. */
export interface ShardTasks {
  /** Claims a shard and reads it, unless that is under way already. */
  readonly start: (row: LeaseRow) => void;
  readonly isRunning: (shardId: string) => boolean;
  readonly running: () => number;
  readonly sessions: () => readonly ShardSession[];
  /** Lets go of a shard once nothing of it is in flight. */
  readonly stop: (shardId: string) => void;
  /** Lets go of all shards; resolves when nothing is in flight. */
  readonly stopAll: () => Promise<void>;
  /** Whether every shard was read and is caught up, none has had a record for a minute, and none is known to be at its end soon. */
  readonly areIdle: () => boolean;
}

/** No shards yet. `wake` is notified when one of them ends, `onRefused` called when another worker was faster. */
export function shardTasks(context: WalkContext, wake: Wake, onRefused: () => void): ShardTasks {
  const { clock, report } = context.ports;
  const sessions = new Map<string, ShardSession>();
  const running = new Map<string, Promise<void>>();
  /** Shards that have been idle in this walk: only when all have may it leave. */
  const idle = new Set<string>();
  const ended = new AbortController();

  const isBusy = (session: ShardSession): boolean => {
    const lastMs = Math.max(session.lastArrivalAtMs, lastRecordAtMs(session) ?? 0);
    return !session.isRead || !isCaughtUp(session) || clock.nowMs() - lastMs < ACTIVE_FOR_MS;
  };
  const areIdle = (): boolean => {
    if (running.size !== sessions.size) return false;
    for (const [shardId, session] of sessions) {
      // A shard that has children is closed, whatever its pages look like, and they wait for it.
      if (isBusy(session) || context.rows.hasChildren(shardId)) return false;
    }
    return true;
  };
  // The walk may leave now: it would look only at its next refresh.
  const onIdle = (shardId: string): void => {
    idle.add(shardId);
    if (idle.size >= sessions.size && areIdle()) wake.notify();
  };

  const begin = async (row: LeaseRow): Promise<void> => {
    const keeper = await claimLease(context, row, openingPosition(row, context.rows));
    if (keeper === null) {
      onRefused();
      await clock.sleep(REFUSED_FOR_MS, ended.signal);
      return;
    }
    const task = runShard(context, keeper, () => onIdle(row.shardId));
    sessions.set(row.shardId, task.session);
    if (ended.signal.aborted) stopSession(task.session);
    await task.done;
  };

  return {
    start: (row) => {
      if (running.has(row.shardId) || ended.signal.aborted) return;
      const done = begin(row)
        .catch((error: unknown) => report({ kind: 'state-failed', operation: 'read a shard', message: String(error) }))
        .then(() => {
          sessions.delete(row.shardId);
          idle.delete(row.shardId);
          running.delete(row.shardId);
          wake.notify();
        });
      running.set(row.shardId, done);
    },
    isRunning: (shardId) => running.has(shardId),
    running: () => running.size,
    sessions: () => [...sessions.values()],
    stop: (shardId) => {
      const session = sessions.get(shardId);
      if (session) stopSession(session);
    },
    stopAll: async () => {
      ended.abort();
      for (const session of sessions.values()) stopSession(session);
      await Promise.all(running.values());
    },
    areIdle,
  };
}
