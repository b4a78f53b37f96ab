import { comparePositions } from '../core/position.ts';
import type { WalkContext } from './context.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { coveringUntilMs, deliverLane } from './shard-delivery.ts';
import { finishShard } from './shard-end.ts';
import { isBeginningDoubtful, passGap, tellHandler } from './shard-gap.ts';
import { readPages } from './shard-reading.ts';
import { finalProgressOf, openSession, progressOf, type ShardSession, stopSession } from './shard-session.ts';

/** How often settled progress is stored while a shard is read: a crash repeats at most this much. */
const CHECKPOINT_MS = 5_000;

/** A shard being read. */
export interface ShardTask {
  readonly session: ShardSession;
  /** Resolves when nothing of the shard is in flight, and its lease is released, finished or lost; never rejects. */
  readonly done: Promise<void>;
}

/** Reads, delivers and checkpoints one shard under its lease until it is stopped or at its end. */
export function runShard(context: WalkContext, keeper: LeaseKeeper, onIdle: () => void): ShardTask {
  const session = openSession(context, keeper, onIdle);
  return { session, done: run(session) };
}

async function run(session: ShardSession): Promise<void> {
  const closed = new AbortController();
  const keeping = keepLease(session, closed.signal);
  try {
    await readAndDeliver(session);
  } catch (error) {
    session.context.ports.report({ kind: 'state-failed', operation: 'read a shard', message: String(error) });
  } finally {
    // Also when something threw: nothing new is begun, and a lease that nobody works under is not renewed.
    stopSession(session);
    closed.abort('closed');
    await keeping;
    session.context.budget.release(session.window.bytes());
  }
}

async function readAndDeliver(session: ShardSession): Promise<void> {
  const { context, keeper, window } = session;
  if (await tellHandler(session)) {
    const lanes = Array.from({ length: context.request.parallelizationFactor }, (_, lane) =>
      deliverLane(session, lane),
    );
    const reading = readToEnd(session).then((isEnded) => {
      session.isEnded = isEnded;
      session.wake.notify();
    });
    await allEnded(session, [reading, ...lanes]);
  }
  if (keeper.lost.aborted) return;
  if (session.isEnded && window.unsettled() === 0) await finishShard(session);
  else await keeper.release(finalProgressOf(session));
}

/** Waits for all, also when one throws, which stops the others: what is in flight is never left behind. */
async function allEnded(session: ShardSession, loops: readonly Promise<void>[]): Promise<void> {
  const stopping = loops.map((loop) =>
    loop.catch((error: unknown) => {
      stopSession(session);
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(stopping)).find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Reads to the shard's end, over gaps; false when stopped before. */
async function readToEnd(session: ShardSession): Promise<boolean> {
  if (isBeginningDoubtful(session) && !(await passGap(session, 'trimmed'))) {
    stopSession(session);
    return false;
  }
  for (;;) {
    const end = await readPages(session);
    if (end === 'stopped') return false;
    if (end === 'shard-end') return true;
    while (session.window.unsettled() > 0 && !session.stop.signal.aborted) await session.wake.wait(1_000);
    if (session.stop.signal.aborted) return false;
    if (!(await passGap(session, end === 'gone' ? 'shard-vanished' : 'trimmed'))) {
      stopSession(session);
      return false;
    }
    if (end === 'gone') return true;
    session.isPastTrim = true;
  }
}

/** Stores progress every few seconds and renews the lease before it runs out. */
async function keepLease(session: ShardSession, closed: AbortSignal): Promise<void> {
  const { keeper, context, window } = session;
  const { clock } = context.ports;
  const { leaseDurationMs } = context.request;
  const intervalMs = Math.min(CHECKPOINT_MS, leaseDurationMs / 3);
  for (;;) {
    await clock.sleep(intervalMs, closed);
    if (closed.aborted || keeper.lost.aborted || keeper.row().owner === null) return;
    const progress = progressOf(session);
    const hasMoved =
      comparePositions(progress.position, keeper.row().position) !== 0 ||
      progress.attempts !== keeper.row().attempts ||
      (progress.caughtUpAtMs ?? 0) < (keeper.row().caughtUpAtMs ?? 0);
    const remainingMs = keeper.row().expiresAtMs - clock.nowMs();
    if (!hasMoved && remainingMs > (leaseDurationMs * 2) / 3) continue;
    const untilMs = window.unsettled() > 0 ? coveringUntilMs(session) : clock.nowMs() + leaseDurationMs;
    if (!(await keeper.save(progress, untilMs))) stopSession(session);
  }
}
