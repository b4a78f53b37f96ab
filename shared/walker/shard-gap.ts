import { payloadOf, rangeOf } from '../core/batch.ts';
import { type GapPolicy, gapAt, gapRecord, mayHaveLost } from '../core/gap.ts';
import { completeUpToMs, mayHideLoss } from '../core/hidden-loss.ts';
import type { ShardGap } from '../core/lease.ts';
import { backoffMs } from '../core/pacing.ts';
import { noticeOf } from '../core/recorded-gap.ts';
import { retentionOf } from '../core/retention.ts';
import type { WalkRequest } from '../request.ts';
import type { WalkContext } from './context.ts';
import { coveringUntilMs, flightMs, invoke, isCovered, judge } from './shard-delivery.ts';
import { progressOf, type ShardSession } from './shard-session.ts';

/** Two answers for the same: data at the position is no longer there. */
const GONE: ReadonlySet<string> = new Set(['trimmed', 'shard-vanished']);

/** A gap of which nothing behind was settled is told again after this long: more has been trimmed meanwhile. */
const TOLD_FOR_MS = 60_000;

/** What is trimmed until an accepted gap's shard is read on belongs to the gap; schedules tick every minute. */
const ACCEPTED_FOR_MS = 10 * 60_000;

/** What a request says about gaps. */
export const gapPolicy = (request: WalkRequest): GapPolicy => ({
  halts: request.onGap === 'halt',
  delivers: request.deliver.includes('gap'),
});

/**
 * Takes a shard over data that is gone: the gap is written down, reported, and told to the handler or halted at, before
 * anything behind it is read. False when the shard must not be read further now.
 *
 * Everything read before must be settled. Dying anywhere in here finds the same gap again, under the same id.
 */
export async function passGap(session: ShardSession, reason: 'trimmed' | 'shard-vanished'): Promise<boolean> {
  const { context, keeper } = session;
  const nowMs = context.ports.clock.nowMs();
  // A source that hides what it trimmed lets go of a whole shard, or stream, with what was in it a moment ago.
  const hasLost = context.ports.source.hidesTrimmed
    ? reason === 'shard-vanished' || isLossHidden(session)
    : isLossPossible(session);
  if (!hasLost) return true;
  const gap = gapAt(reason, context.key, keeper.row().shardId, session.readPosition, nowMs, gapPolicy(context.request));
  const told = session.gap?.after === gap.after && GONE.has(session.gap.reason) ? session.gap : null;
  if (told && told.status !== 'reported') return false;
  // That nothing at all is left of a shard whose beginning was trimmed is no second loss; what was trimmed since is.
  if (told && stillTells(told, nowMs)) return true;
  const found = told ? { ...gap, id: `${gap.id}@${nowMs}` } : gap;
  if (!(await writeDown(context, found, session.stop.signal))) return false;
  session.gap = found;
  session.gapPosition = progressOf(session).position;
  if (!(await keeper.save(progressOf(session), coveringUntilMs(session)))) return false;
  return found.status !== 'halted' && (await tellHandler(session));
}

/** Whether what is found trimmed now is what this gap has told of, or an operator has accepted. */
const stillTells = ({ detectedAtMs, acceptedAtMs = 0 }: ShardGap, nowMs: number): boolean =>
  nowMs - detectedAtMs < TOLD_FOR_MS || nowMs - acceptedAtMs < ACCEPTED_FOR_MS;

/**
 * Whether the trim horizon, where a root's reading begins, may already lie behind the beginning of the subscription:
 * reading from it would hide that.
 */
export const isBeginningDoubtful = (session: ShardSession): boolean =>
  !session.context.ports.source.hidesTrimmed && session.readPosition.at === 'trim-horizon' && isLossPossible(session);

/**
 * Whether a source that goes on silently behind what it trimmed may do so at the next read. What is told as a gap counts
 * as read up to where the next page ends.
 */
export function isLossHidden(session: ShardSession): boolean {
  const { context, keeper, readPosition, readUpToMs, caughtUpAtMs, gap, isPastTrim } = session;
  const { source, clock } = context.ports;
  if (!source.hidesTrimmed || isPastTrim) return false;
  const row = { ...keeper.row(), position: readPosition, caughtUpAtMs };
  const completeAtMs = Math.max(
    readUpToMs,
    completeUpToMs(row, context.rows, { pointer: context.pointer, stream: context.key.stream }),
  );
  return mayHideLoss(completeAtMs, clock.nowMs(), retentionOf(source), gap !== null);
}

function isLossPossible(session: ShardSession): boolean {
  const { context, readPosition, caughtUpAtMs } = session;
  if (context.ports.source.retentionMs === Number.POSITIVE_INFINITY) return false;
  const known = {
    position: readPosition,
    caughtUpAtMs,
    generationStartedAtMs: context.pointer.startedAtMs,
    streamCreatedAtMs: context.key.stream.createdAtMs,
  };
  return mayHaveLost(known, context.ports.clock.nowMs());
}

/** Stores a gap once, and reports it. False when the signal ended the attempts. */
export async function writeDown(
  context: Pick<WalkContext, 'ports' | 'request'>,
  gap: ShardGap,
  signal: AbortSignal,
): Promise<boolean> {
  const { state, clock, report, random } = context.ports;
  const notice = noticeOf(gap);
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await state.putGap(context.request.subscription, notice);
      report({ kind: 'gap', gap: notice, halted: gap.status === 'halted' });
      return true;
    } catch (error) {
      report({ kind: 'state-failed', operation: 'write a gap', message: String(error) });
      await clock.sleep(backoffMs(attempt, 50, 2_000, random), signal);
    }
  }
  return false;
}

/** Tells the handler of the shard's gap, before anything else of the shard. True once that is settled and stored. */
export async function tellHandler(session: ShardSession): Promise<boolean> {
  const { context, keeper, stop } = session;
  const { clock, report, random } = context.ports;
  for (let attempt = 0; session.gap?.status === 'undelivered'; attempt++) {
    if (stop.signal.aborted || !(await isCovered(session))) return false;
    const record = gapRecord(keeper.row(), session.gap, context.key.stream.arn, regionOf(context.key.stream.arn));
    const startedAtMs = clock.nowMs();
    const batch = { sequenceNumbers: [session.gap.id], payload: payloadOf([JSON.stringify(record)]) };
    const delivery = await invoke(session, batch, startedAtMs + flightMs(session));
    if (delivery.kind === 'unknown') await clock.sleep(startedAtMs + flightMs(session) - clock.nowMs());
    const judged = judge(delivery, batch.sequenceNumbers);
    if (judged.settled === 1) {
      session.gap = { ...session.gap, status: 'reported' };
      return keeper.save(progressOf(session), coveringUntilMs(session));
    }
    const { shardId } = keeper.row();
    const range = rangeOf(batch.sequenceNumbers);
    const message = judged.reason ?? '';
    report({ kind: 'batch-failed', shardId, records: 1, attempt: attempt + 1, message, ...range });
    await clock.sleep(backoffMs(attempt, 500, 60_000, random), stop.signal);
  }
  return true;
}

/** `arn:aws:dynamodb:<region>:...` */
const regionOf = (arn: string): string => arn.split(':')[3] ?? '';
