import { MillraceError } from '../core/errors.ts';
import { meetRows } from '../core/known-rows.ts';
import type { LeaseRow } from '../core/lease.ts';
import { restUntilMs } from '../core/pacing.ts';
import { isRunAwaited } from '../core/phase.ts';
import { isScanRead } from '../core/scan.ts';
import { isOver } from '../core/stream-end.ts';
import { type Pointer, phaseOf, type StreamRow } from '../core/subscription.ts';
import { planWalk } from '../core/walk-plan.ts';
import type { WalkContext } from './context.ts';
import { type ShardLister, shardLister } from './lister.ts';
import { changePhaseIfDue, phaseFacts } from './phase-change.ts';
import { figureTeller } from './shard-figures.ts';
import { type ShardTasks, shardTasks } from './shard-tasks.ts';
import type { HeldSlot } from './slot-holder.ts';
import { wakeOn } from './wake.ts';
import { firstView, refresh, type WalkEnd } from './walk-view.ts';

/** How often a walk looks at its slot, its generation and the other workers. */
const REFRESH_MS = 5_000;

/** Rows are read again less often the more there are: 5 ms for each, a minute for 12,000. */
const RELOAD_MS_PER_ROW = 5;

/** One stream of one walk. */
export interface StreamWalk {
  readonly context: WalkContext;
  readonly stream: StreamRow;
  /** Whether it is the table's present stream, and turned on: only with its positions may a run begin, or go on. */
  readonly isLive: boolean;
  readonly slot: HeldSlot;
  readonly stop: AbortSignal;
  /** Between two DescribeStream calls of all workers together. */
  readonly describeIntervalMs: number;
}

/**
 * Reads one stream: refreshes what the worker knows, lists when it is the lister and that is due, claims its share of
 * the readable shards, and leaves when all is idle.
 *
 * Returns when every shard's task has ended: nothing is in flight, and every lease of this walk is released.
 */
export async function walkStream(walk: StreamWalk): Promise<WalkEnd> {
  const { context, slot, stop } = walk;
  const wake = wakeOn(context.ports.clock);
  let reloadAtMs = 0;
  const tasks = shardTasks(context, wake, () => {
    reloadAtMs = 0;
  });
  const lister = shardLister(context, wake, walk.describeIntervalMs);
  const reloadIfDue = async (): Promise<void> => {
    const nowMs = context.ports.clock.nowMs();
    if (nowMs < reloadAtMs) return;
    await reload(context, tasks);
    reloadAtMs = nowMs + Math.max(REFRESH_MS, context.rows.size * RELOAD_MS_PER_ROW);
  };
  const onEnd = (): void => wake.notify();
  stop.addEventListener('abort', onEnd, { once: true });
  context.fence.ended.addEventListener('abort', onEnd, { once: true });
  try {
    return await readUntilEnd(walk, tasks, lister, reloadIfDue, wake.wait);
  } finally {
    stop.removeEventListener('abort', onEnd);
    context.fence.ended.removeEventListener('abort', onEnd);
    // At a hand-over the slot is free at once; what is in flight need not keep the next walk waiting.
    await Promise.all([stop.aborted && slot.release(), lister.stop(), tasks.stopAll()]);
  }
}

async function readUntilEnd(
  walk: StreamWalk,
  tasks: ShardTasks,
  lister: ShardLister,
  reloadIfDue: () => Promise<void>,
  wait: (ms: number) => Promise<void>,
): Promise<WalkEnd> {
  const { context, stop } = walk;
  const { clock, report } = context.ports;
  const refreshMs = Math.min(REFRESH_MS, Math.max(2_000, context.request.leaseDurationMs) / 3);
  const figures = figureTeller(context, tasks);
  let view = firstView(walk.stream, context.owner);
  let refreshAtMs = 0;
  const planned = () => planWalk(context.rows, context.owner, view.workers, clock.nowMs(), view.owners);
  for (;;) {
    if (context.fence.ended.aborted) return fencedOff(context);
    if (stop.aborted) {
      figures.tell(planned(), view);
      return stop.reason === 'hand-over' ? 'hand-over' : 'stopped';
    }
    if (clock.nowMs() >= refreshAtMs) {
      refreshAtMs = clock.nowMs() + refreshMs;
      try {
        view = await refresh(walk, view.stream);
        await reloadIfDue();
        // Only against the rows as they are stored: to a walk that knows none, every shard would look new.
        if (view.end === null) lister.listIfDue(view.stream, view.lister, view.workers);
      } catch (error) {
        report({ kind: 'state-failed', operation: 'refresh', message: String(error) });
      }
      if (view.end !== null) return view.end;
      if (view.pointer && (await isPhaseOver(walk, view.pointer, view.stream, tasks))) return 'phase-changed';
    }
    const listed = lister.last()?.stream;
    // The first listing is acted upon as soon as it is there: the next refresh may be seconds away.
    if (!view.stream.isFirstListingComplete && listed?.isFirstListingComplete) view = { ...view, stream: listed };
    if (view.stream.isFirstListingComplete) {
      const plan = planned();
      figures.tellIfDue(plan, view);
      // A run's items come before its changes: nothing of the stream is begun while a run is asked for. Where nothing
      // would scan, because the request has no bootstrap any more, nothing waits.
      const canScan = context.ports.scan !== undefined;
      const awaitsRun = canScan && walk.isLive && isRunAwaited(phaseOf(context.pointer));
      if (!awaitsRun) for (const row of plan.claim) tasks.start(row);
      await Promise.all(plan.request.map((row) => request(context, row)));
      if (plan.isDrained && isRead(context, view.stream, tasks, lister) && (await drain(context, view.stream))) {
        figures.tell(plan, view);
        return 'drained';
      }
      const isEnding = plan.isDrained && lister.last()?.isOpen !== true;
      const isRunning = canScan && (awaitsRun || !phaseOf(context.pointer).isRunDone);
      const isQuiet =
        !context.request.keepAwake && !isRunning && !isEnding && plan.claim.length === 0 && tasks.areIdle();
      context.rest.untilMs = isQuiet ? restUntilMs(context.beganAtMs, clock.nowMs()) : 0;
      // A worker counts for two ticks after it left: what it does not read meanwhile is read by whoever has nothing to do.
      if (isQuiet && !lister.isAwaited()) {
        if (plan.free.length === 0) {
          figures.tell(plan, view);
          return 'idle';
        }
        for (const row of plan.free) tasks.start(row);
      }
    }
    await wait(Math.max(1, refreshAtMs - clock.nowMs()));
  }
}

/** Whether another phase has begun: this walk begins it where it is due. */
async function isPhaseOver(
  { context, isLive }: StreamWalk,
  pointer: Pointer,
  stream: StreamRow,
  tasks: ShardTasks,
): Promise<boolean> {
  if (context.ports.scan === undefined) return false;
  const known = phaseFacts(context, pointer, stream, tasks.sessions());
  // Nor does a run go on before an older stream is read to its end: the present one would be left unread meanwhile.
  const facts = { ...known, isListed: known.isListed && isLive, isCaughtUp: known.isCaughtUp && isLive };
  try {
    return await changePhaseIfDue(context.request, context.ports, pointer, facts);
  } catch (error) {
    // What a person must act on ends the walk, and says so.
    if (error instanceof MillraceError) throw error;
    context.ports.report({ kind: 'state-failed', operation: 'change the phase', message: String(error) });
    return false;
  }
}

/** Whether the fence ended this walk for good, or only this phase. */
async function fencedOff(context: WalkContext): Promise<WalkEnd> {
  const pointer = await context.ports.state.pointer(context.request.subscription).catch(() => null);
  if (pointer?.isPaused) return 'paused';
  return pointer?.generation === context.pointer.generation ? 'phase-changed' : 'generation-changed';
}

/** Takes what is stored, and lets go of shards that are asked for. */
async function reload(context: WalkContext, tasks: ShardTasks): Promise<void> {
  const loaded = await context.ports.state.leases(context.key);
  meetRows(context.rows, loaded, tasks.isRunning);
  for (const row of loaded) if (row.claimant !== null && row.owner === context.owner) tasks.stop(row.shardId);
}

/** Asks another worker for a lease. A request that fails is made again, as long as it is planned. */
async function request(context: WalkContext, row: LeaseRow): Promise<void> {
  const { state, report } = context.ports;
  try {
    await state.requestLease(context.key, row, context.owner);
    context.rows.set(row.shardId, { ...row, claimant: context.owner });
  } catch (error) {
    report({ kind: 'state-failed', operation: 'request a lease', message: String(error) });
  }
}

/** Whether a stream, or a scan, of which every shard is finished is read for good. */
function isRead(context: WalkContext, stream: StreamRow, tasks: ShardTasks, lister: ShardLister): boolean {
  if (tasks.running() > 0) return false;
  if (stream.run !== undefined) return isScanRead(context.rows);
  return !lister.isListing() && isOver(lister.last(), context.rows.values());
}

/** Marks a stream as read to the end of all its shards; false when its row was written meanwhile. */
async function drain(context: WalkContext, stream: StreamRow): Promise<boolean> {
  const next = { ...stream, isDrained: true, revision: stream.revision + 1 };
  if (!(await context.ports.state.putControl(context.request.subscription, next, stream.revision))) return false;
  context.ports.report({ kind: 'stream-drained', arn: stream.stream.arn });
  return true;
}
