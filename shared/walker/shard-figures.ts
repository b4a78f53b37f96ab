import { STREAM_RETENTION_MS } from '../core/gap.ts';
import { awaitedLagMs, streamLagMs } from '../core/lag.ts';
import { runProgress } from '../core/scan-progress.ts';
import { phaseOf, type StreamRow } from '../core/subscription.ts';
import type { ShardFigures } from '../core/walk-event.ts';
import type { WalkPlan } from '../core/walk-plan.ts';
import type { WalkContext } from './context.ts';
import { progressOf, type ShardSession } from './shard-session.ts';

/** The streams of a subscription: the one that is read, and all that are known. */
interface KnownStreams {
  readonly stream: StreamRow;
  readonly streams: readonly StreamRow[];
}

/**
 * The shards of a subscription in figures: what the rows tell, and of this walk's own shards what reading them tells.
 */
export function shardFigures(
  context: WalkContext,
  plan: WalkPlan,
  sessions: readonly ShardSession[],
  { stream, streams }: KnownStreams,
): ShardFigures {
  const rows = new Map(context.rows);
  for (const session of sessions) {
    const row = rows.get(session.keeper.row().shardId);
    if (row && row.position.at !== 'shard-end') rows.set(row.shardId, { ...row, ...progressOf(session) });
  }
  const nowMs = context.ports.clock.nowMs();
  const phase = phaseOf(context.pointer);
  // While a scan is read, what ages are the changes since: they wait from the slice's beginning, or from
  // the time of the export.
  const lagMs =
    phase.kind === 'scanning'
      ? Math.min(Math.max(0, nowMs - (phase.export?.asOfMs ?? phase.beganAtMs)), STREAM_RETENTION_MS)
      : Math.max(streamLagMs(rows, { nowMs, stream }), awaitedLagMs(streams, stream, nowMs));
  const run = phase.kind === 'scanning' ? runProgress(phase, rows.values(), nowMs) : null;
  return {
    openShards: plan.readable,
    waitingShards: plan.waiting,
    finishedShards: plan.finished,
    haltedShards: plan.halted,
    lagMs,
    ...(stream.retentionMs !== undefined && { retentionMs: stream.retentionMs }),
    ...(run !== null && { run }),
  };
}
