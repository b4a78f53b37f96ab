import {
  advance,
  claim,
  finish,
  type LeaseChange,
  type LeaseRow,
  outcomeOf,
  type Progress,
  release,
} from '../core/lease.ts';
import { backoffMs } from '../core/pacing.ts';
import type { Position } from '../core/position.ts';
import type { WalkContext } from './context.ts';

/** Holds one shard's lease: the only writer of its row while it holds it. */
export interface LeaseKeeper {
  /** The row as last stored. */
  readonly row: () => LeaseRow;
  /** Until when deliveries are covered: stored, and the generation verified after it was stored. */
  readonly coveredUntilMs: () => number;
  /** Aborted when the lease is lost: nothing may be delivered or written any more. */
  readonly lost: AbortSignal;
  /** Stores progress and holds the lease until `untilMs` at least; false when the lease or the generation is lost. */
  readonly save: (progress: Progress, untilMs: number) => Promise<boolean>;
  /** Stores the shard's end together with its children's rows. */
  readonly finish: (end: ShardEnd, children: readonly LeaseRow[]) => Promise<boolean>;
  /** Gives the lease back. A failure leaves it to expire. */
  readonly release: (progress: Progress) => Promise<void>;
}

/** What a finished shard's row keeps. */
export interface ShardEnd {
  readonly lastRecordAtMs: number | null;
  readonly notBefore: number | undefined;
  readonly children: 'not-visible' | 'stored';
  /** How many items it had, of a scan's segment. */
  readonly items?: number;
}

/**
 * Claims a lease, and verifies the generation afterwards; `null` when another worker has it or the generation ended.
 *
 * Dying after the claim leaves a lease without progress that expires by itself.
 */
export async function claimLease(context: WalkContext, row: LeaseRow, position: Position): Promise<LeaseKeeper | null> {
  const { clock, report } = context.ports;
  const { leaseDurationMs } = context.request;
  const change = claim(row, context.owner, clock.nowMs(), leaseDurationMs, position);
  if (!change.ok) return null;
  const giveUpAtMs = change.next.expiresAtMs;
  const stored = await writeRow(context, row, change.next, [], giveUpAtMs, 'claim');
  if (stored === null) return null;
  context.rows.set(stored.shardId, stored);
  report({ kind: 'lease-claimed', shardId: row.shardId, epoch: stored.epoch, tookOver: row.owner !== null });
  const keeper = keeperOf(context, stored);
  if (await context.fence.verify()) return keeper.covering();
  await keeper.release(progressOf(stored));
  return null;
}

const progressOf = ({
  position,
  iterator,
  emptyPages,
  caughtUpAtMs,
  lastRecordAtMs,
  attempts,
  gap,
}: LeaseRow): Progress => ({
  position,
  iterator,
  emptyPages,
  caughtUpAtMs,
  lastRecordAtMs,
  attempts,
  gap,
});

function keeperOf(context: WalkContext, claimed: LeaseRow): LeaseKeeper & { readonly covering: () => LeaseKeeper } {
  const { clock, report } = context.ports;
  const lost = new AbortController();
  let row = claimed;
  let coveredUntilMs = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const write = (
    operation: string,
    change: (row: LeaseRow) => LeaseChange,
    children: readonly LeaseRow[] = [],
  ): Promise<boolean> => {
    const turn = queue.then(async () => {
      if (lost.signal.aborted) return false;
      const changed = change(row);
      if (!changed.ok) return false;
      const stored = await writeRow(context, row, changed.next, children, row.expiresAtMs, operation);
      if (stored === null) {
        lost.abort();
        report({ kind: 'lease-lost', shardId: row.shardId, epoch: row.epoch });
        return false;
      }
      row = stored;
      context.rows.set(row.shardId, row);
      return true;
    });
    queue = turn;
    return turn;
  };

  const keeper: LeaseKeeper = {
    row: () => row,
    coveredUntilMs: () => coveredUntilMs,
    lost: lost.signal,
    save: async (progress, untilMs) => {
      if (!(await write('advance', (current) => advance(current, progress, untilMs)))) return false;
      const storedUntilMs = row.expiresAtMs;
      if (!(await context.fence.verify())) return false;
      coveredUntilMs = Math.max(coveredUntilMs, storedUntilMs);
      return true;
    },
    finish: (end, children) =>
      write(
        'finish',
        (current) => finish(current, end.lastRecordAtMs, end.notBefore, end.children, clock.nowMs(), end.items),
        children,
      ),
    release: async (progress) => {
      const isReleased = await write('release', (current) => release(current, progress));
      if (isReleased) report({ kind: 'lease-released', shardId: row.shardId });
    },
  };
  return {
    ...keeper,
    covering: () => {
      coveredUntilMs = row.expiresAtMs;
      return keeper;
    },
  };
}

/**
 * Writes a row until it is certain what became of the write; `null` when the lease is another's, or could not be
 * written before `giveUpAtMs`.
 */
async function writeRow(
  context: WalkContext,
  from: LeaseRow,
  to: LeaseRow,
  children: readonly LeaseRow[],
  giveUpAtMs: number,
  operation: string,
): Promise<LeaseRow | null> {
  const { state, clock, report, random } = context.ports;
  let previous = from;
  let next = to;
  for (let attempt = 0; ; attempt++) {
    let current: LeaseRow | null | 'unreadable';
    try {
      const answer =
        children.length === 0
          ? await state.updateLease(context.key, previous, next)
          : await state.finishLease(context.key, previous, next, children);
      report({ kind: 'state-written', operation });
      if (answer.ok) return next;
      current = answer.current;
    } catch (error) {
      report({ kind: 'state-failed', operation, message: String(error) });
      current = await readBack(context, next.shardId, giveUpAtMs, operation);
    }
    if (current === 'unreadable') return null;
    const outcome = outcomeOf(previous, next, current);
    if (outcome.kind === 'applied') return next;
    if (outcome.kind === 'lost' || clock.nowMs() >= giveUpAtMs) {
      if (current !== null) context.rows.set(current.shardId, current);
      return null;
    }
    ({ previous, next } = outcome);
    await clock.sleep(backoffMs(attempt, 50, 2_000, random));
  }
}

/** Reads the row after a write whose fate is unknown, as often as it takes. */
async function readBack(
  context: WalkContext,
  shardId: string,
  giveUpAtMs: number,
  operation: string,
): Promise<LeaseRow | null | 'unreadable'> {
  const { state, clock, report, random } = context.ports;
  for (let attempt = 0; clock.nowMs() < giveUpAtMs; attempt++) {
    try {
      return await state.lease(context.key, shardId);
    } catch (error) {
      report({ kind: 'state-failed', operation: `read after ${operation}`, message: String(error) });
      await clock.sleep(backoffMs(attempt, 50, 2_000, random));
    }
  }
  return 'unreadable';
}
