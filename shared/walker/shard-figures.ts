import { STREAM_RETENTION_MS } from '../core/gap.ts';
import { awaitedLagMs, streamLagMs } from '../core/lag.ts';
import { runProgress } from '../core/scan-progress.ts';
import { phaseOf, type StreamRow } from '../core/subscription.ts';
import type { ShardFigures } from '../core/walk-event.ts';
import type { WalkPlan } from '../core/walk-plan.ts';
import type { WalkContext } from './context.ts';
import { progressOf, type ShardSession } from './shard-session.ts';
import type { ShardTasks } from './shard-tasks.ts';
import type { WalkView } from './walk-view.ts';

/** The streams of a subscription: the one that is read, and all that are known. */
interface KnownStreams {
  readonly stream: StreamRow;
  readonly streams: readonly StreamRow[];
}

/** Figures look at every row: they are told at every other refresh of a walk. Metrics are written once a minute, when figures are told. */
const TELL_EVERY_MS = 9_000;

/** Tells the figures of a walk's shards. */
export interface FigureTeller {
  readonly tell: (plan: WalkPlan, view: WalkView) => void;
  /** Tells them unless that has been done a moment ago; whatever can be read or written: nothing else tells that it cannot. */
  readonly tellIfDue: (plan: WalkPlan, view: WalkView) => void;
}

/** A teller that has told nothing yet. */
export function figureTeller(context: WalkContext, tasks: Pick<ShardTasks, 'sessions'>): FigureTeller {
  const { clock, report } = context.ports;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const tell = (plan: WalkPlan, view: WalkView): void => {
    // Before the rows are loaded nothing is known: no figures are better than those of an empty stream.
    if (context.rows.size === 0) return;
    toldAtMs = clock.nowMs();
    const seen = shardFigures(context, plan, tasks.sessions(), view);
    report({ kind: 'shards-seen', activeWorkers: view.workers, ...seen });
  };
  return {
    tell,
    tellIfDue: (plan, view) => {
      if (clock.nowMs() - toldAtMs >= TELL_EVERY_MS) tell(plan, view);
    },
  };
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
