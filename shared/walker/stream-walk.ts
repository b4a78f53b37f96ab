import type { LeaseRow } from '../core/lease.ts';
import { isRunAwaited } from '../core/phase.ts';
import { type Lister, type Pointer, phaseOf, type Slot, type StreamRow, streamId } from '../core/subscription.ts';
import type { WalkSummary } from '../core/walk-event.ts';
import { activeWorkers, planWalk, presentOwners, type WalkPlan } from '../core/walk-plan.ts';
import type { WalkContext } from './context.ts';
import { isSame } from './fence.ts';
import { streamRows } from './generation.ts';
import { type ShardLister, shardLister } from './lister.ts';
import { changePhaseIfDue, phaseFacts } from './phase-change.ts';
import { shardFigures } from './shard-figures.ts';
import { type ShardTasks, shardTasks } from './shard-tasks.ts';
import type { HeldSlot } from './slot-holder.ts';
import { wakeOn } from './wake.ts';

/** How often a walk looks at its slot, its generation and the other workers. */
const REFRESH_MS = 5_000;

/** Rows are read again less often the more there are: 5 ms for each, a minute for 12,000. */
const RELOAD_MS_PER_ROW = 5;

/** A stream that has ended is drained when its last shard has been finished this long: listings lag. */
const DRAINED_AFTER_MS = 60_000;

/** One stream of one walk. */
export interface StreamWalk {
  readonly context: WalkContext;
  readonly stream: StreamRow;
  /** Whether it is the table's present stream, and turned on: only with its positions may a run begin. */
  readonly isLive: boolean;
  readonly slot: HeldSlot;
  readonly stop: AbortSignal;
  /** Between two DescribeStream calls of all workers together. */
  readonly describeIntervalMs: number;
}

type End = WalkSummary['reason'] | 'drained' | 'phase-changed';

/**
 * Reads one stream: refreshes what the worker knows, lists when it is the lister and that is due, claims its share of
 * the readable shards, and leaves when all is idle.
 *
 * Returns when every shard's task has ended: nothing is in flight, and every lease of this walk is released.
 */
export async function walkStream(walk: StreamWalk): Promise<End> {
  const { context, slot, stop } = walk;
  const wake = wakeOn(context.ports.clock);
  let reloadAtMs = 0;
  const tasks = shardTasks(context, wake, () => {
    reloadAtMs = 0;
  });
  const lister = shardLister(context, wake);
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
): Promise<End> {
  const { context, stop } = walk;
  const { clock, report } = context.ports;
  const refreshMs = Math.min(REFRESH_MS, Math.max(2_000, context.request.leaseDurationMs) / 3);
  let view: View = {
    pointer: null,
    lister: null,
    stream: walk.stream,
    streams: [],
    workers: 1,
    owners: [context.owner],
    end: null,
  };
  let refreshAtMs = 0;
  for (;;) {
    if (context.fence.ended.aborted) return fencedOff(context);
    if (stop.aborted) return stop.reason === 'hand-over' ? 'hand-over' : 'stopped';
    if (clock.nowMs() >= refreshAtMs) {
      refreshAtMs = clock.nowMs() + refreshMs;
      try {
        view = await refresh(walk, view.stream);
        await reloadIfDue();
        // Only against the rows as they are stored: to a walk that knows none, every shard would look new.
        if (view.end === null) lister.listIfDue(view.stream, view.lister);
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
      const plan = planWalk(context.rows, context.owner, view.workers, clock.nowMs(), view.owners);
      // Before the rows are loaded nothing is known: no figures are better than those of an empty stream.
      if (context.rows.size > 0) {
        const seen = shardFigures(context, plan, tasks.sessions(), view);
        report({ kind: 'shards-seen', activeWorkers: view.workers, ...seen });
      }
      // A run's items come before its changes: nothing of the stream is begun while a run is asked for. Where nothing
      // would scan, because the request has no bootstrap any more, nothing waits.
      const canScan = context.ports.scan !== undefined;
      const awaitsRun = canScan && walk.isLive && isRunAwaited(phaseOf(context.pointer));
      if (!awaitsRun) for (const row of plan.claim) tasks.start(row);
      await Promise.all(plan.request.map((row) => request(context, row)));
      if (isDrained(context, view, plan, tasks, lister) && (await drain(context, view.stream))) return 'drained';
      const isEnding = plan.isDrained && lister.last()?.isOpen !== true;
      const isRunning = canScan && (awaitsRun || !phaseOf(context.pointer).isRunDone);
      const canLeave =
        !context.request.keepAwake && !isRunning && !lister.isAwaited() && !isEnding && plan.claim.length === 0;
      // A worker counts for two ticks after it left: what it does not read meanwhile is read by whoever has nothing to do.
      if (canLeave && tasks.areIdle()) {
        if (plan.free.length === 0) return 'idle';
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
  const known = phaseFacts(context, pointer, stream, tasks.sessions());
  const facts = { ...known, isListed: known.isListed && isLive };
  try {
    return await changePhaseIfDue(context.request, context.ports, pointer, facts);
  } catch (error) {
    context.ports.report({ kind: 'state-failed', operation: 'change the phase', message: String(error) });
    return false;
  }
}

/** Whether the fence ended this walk for good, or only this phase. */
async function fencedOff(context: WalkContext): Promise<End> {
  const pointer = await context.ports.state.pointer(context.request.subscription).catch(() => null);
  if (pointer?.isPaused) return 'paused';
  return pointer?.generation === context.pointer.generation ? 'phase-changed' : 'generation-changed';
}

/** What a refresh found. */
interface View {
  readonly pointer: Pointer | null;
  readonly lister: Lister | null;
  readonly stream: StreamRow;
  /** All streams of the subscription. */
  readonly streams: readonly StreamRow[];
  readonly workers: number;
  /** The owners of the walks that run now. */
  readonly owners: readonly string[];
  readonly end: End | null;
}

async function refresh(walk: StreamWalk, known: StreamRow): Promise<View> {
  const { context, slot } = walk;
  const control = await context.ports.state.control(context.request.subscription);
  const pointer = control.find((row): row is Pointer => row.kind === 'pointer');
  const streams = streamRows(control);
  const stream = sameStream(streams, known) ?? known;
  const slots = control.filter((row): row is Slot => row.kind === 'slot');
  const nowMs = context.ports.clock.nowMs();
  const workers = activeWorkers(slots, nowMs);
  const owners = presentOwners(slots, nowMs);
  context.pacer.setIntervalMs(walk.describeIntervalMs * workers);
  const ended = (end: End): View => ({ pointer: null, lister: null, stream, streams, workers, owners, end });
  if (pointer?.generation !== context.pointer.generation) return ended('generation-changed');
  if (pointer.isPaused) return ended('paused');
  if (!isSame(pointer, context.pointer)) return ended('phase-changed');
  if (!(await slot.renew())) return ended('slot-held');
  const lister = control.find((row): row is Lister => row.kind === 'lister') ?? null;
  return { pointer, lister, stream, streams, workers, owners, end: null };
}

/** Takes what is stored, but keeps what this walk itself has written since; lets go of shards that are asked for. */
async function reload(context: WalkContext, tasks: ShardTasks): Promise<void> {
  const loaded = new Map((await context.ports.state.leases(context.key)).map((row) => [row.shardId, row]));
  for (const row of loaded.values()) {
    const known = context.rows.get(row.shardId);
    const isOurs = known !== undefined && (tasks.isRunning(row.shardId) || known.revision > row.revision);
    context.rows.set(row.shardId, isOurs ? { ...known, claimant: row.claimant } : row);
    if (row.claimant !== null && row.owner === context.owner) tasks.stop(row.shardId);
  }
  for (const row of context.rows.values()) {
    if (row.removeAtMs !== undefined && !loaded.has(row.shardId)) context.rows.delete(row.shardId);
  }
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

function isDrained(context: WalkContext, view: View, plan: WalkPlan, tasks: ShardTasks, lister: ShardLister): boolean {
  const last = lister.last();
  const isScan = view.stream.run !== undefined;
  if (isScan) return context.rows.size > 0 && plan.isDrained && tasks.running() === 0;
  if (last === null || last.isOpen || lister.isListing() || !plan.isDrained || tasks.running() > 0) return false;
  const { listedAtMs, stream } = last.stream;
  if (listedAtMs - stream.createdAtMs < DRAINED_AFTER_MS) return false;
  return [...context.rows.values()].every((row) => listedAtMs - (row.finishedAtMs ?? 0) >= DRAINED_AFTER_MS);
}

/** Marks a stream as read to the end of all its shards; false when its row was written meanwhile. */
async function drain(context: WalkContext, stream: StreamRow): Promise<boolean> {
  const next = { ...stream, isDrained: true, revision: stream.revision + 1 };
  if (!(await context.ports.state.putControl(context.request.subscription, next, stream.revision))) return false;
  context.ports.report({ kind: 'stream-drained', arn: stream.stream.arn });
  return true;
}

const sameStream = (rows: readonly StreamRow[], stream: StreamRow): StreamRow | undefined =>
  rows.find((row) => row.generation === stream.generation && streamId(row.stream) === streamId(stream.stream));
