import type { LiveIterator, Progress, ShardGap } from '../core/lease.ts';
import { IDLE_AFTER_PAGES } from '../core/pacing.ts';
import { comparePositions, type Position } from '../core/position.ts';
import { type RecordWindow, recordWindow } from '../core/record-window.ts';
import type { WalkContext } from './context.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { type Wake, wakeOn } from './wake.ts';

/** One shard while it is read: what its reading, delivering and checkpointing loops share. */
export interface ShardSession {
  readonly context: WalkContext;
  readonly keeper: LeaseKeeper;
  readonly window: RecordWindow;
  readonly wake: Wake;
  /** Aborted when nothing new may be begun: the walk ends, the lease is asked for, or it is lost. */
  readonly stop: AbortController;
  /** Where the next page begins: after everything that was read, settled or not. */
  readPosition: Position;
  iterator: LiveIterator | null;
  emptyPages: number;
  caughtUpAtMs: number | null;
  /** Everything that arrived in the shard before this moment has been read, where the source tells; else 0. */
  readUpToMs: number;
  /** Whether a page was read in this walk. */
  isRead: boolean;
  /** Called when the shard turns out to be idle. */
  readonly onIdle: () => void;
  /** When the last page with a record arrived in this walk; 0 for none. */
  lastArrivalAtMs: number;
  gap: ShardGap | null;
  /** Where the gap is: once something after it is settled, the row need not remember it. */
  gapPosition: Position;
  /** Whether reading goes on from what is left of a trimmed shard. */
  isPastTrim: boolean;
  /** Whether the shard's last page has been read. */
  isEnded: boolean;
  attempts: number;
  /** How many records the last page had, and how many were settled since the position was stored for a page. */
  pageRecords: number;
  settledOfPage: number;
}

/** A session that goes on where the row says. */
export function openSession(context: WalkContext, keeper: LeaseKeeper, onIdle: () => void): ShardSession {
  const row = keeper.row();
  const session: ShardSession = {
    context,
    keeper,
    window: recordWindow(context.request.parallelizationFactor),
    wake: wakeOn(context.ports.clock),
    stop: new AbortController(),
    readPosition: row.position,
    iterator: row.iterator,
    emptyPages: row.emptyPages,
    caughtUpAtMs: row.caughtUpAtMs,
    readUpToMs: 0,
    isRead: false,
    onIdle,
    lastArrivalAtMs: 0,
    gap: row.gap,
    gapPosition: row.position,
    isPastTrim: false,
    isEnded: false,
    attempts: row.attempts,
    pageRecords: 0,
    settledOfPage: 0,
  };
  keeper.lost.addEventListener('abort', () => stopSession(session), { once: true });
  return session;
}

/** Lets nothing new begin; what is in flight is waited for. */
export function stopSession(session: ShardSession): void {
  // With a reason of its own: to make the default one, an error with its stack, costs more than the rest of the stop.
  session.stop.abort('stopped');
  session.wake.notify();
}

/** What may be stored while the shard is read: the settled prefix. */
export function progressOf(session: ShardSession): Progress {
  const row = session.keeper.row();
  const position = session.window.settledUpTo()?.position ?? row.position;
  return {
    position,
    iterator: null,
    emptyPages: session.window.unsettled() === 0 ? session.emptyPages : 0,
    caughtUpAtMs: session.caughtUpAtMs,
    lastRecordAtMs: lastRecordAtMs(session),
    attempts: session.attempts,
    gap: comparePositions(position, session.gapPosition) <= 0 ? session.gap : null,
  };
}

/** What is stored when the shard is given back: the live iterator goes along where nothing that was read is unsettled. */
export const finalProgressOf = (session: ShardSession): Progress => ({
  ...progressOf(session),
  iterator: session.window.unsettled() === 0 ? session.iterator : null,
});

/**
 * Whether the shard was seen without unread records, often enough to believe it. A batch that has failed is known to lie
 * ahead, however many empty pages come before it.
 */
export const isCaughtUp = (session: ShardSession): boolean =>
  session.window.unsettled() === 0 && session.emptyPages >= IDLE_AFTER_PAGES && session.attempts === 0;

/** The creation time of the last settled record, or what the row knew of it. */
export const lastRecordAtMs = (session: ShardSession): number | null =>
  session.window.settledUpTo()?.createdAtMs ?? session.keeper.row().lastRecordAtMs;
