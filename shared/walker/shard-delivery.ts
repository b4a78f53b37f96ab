import { MAX_PAYLOAD_BYTES, payloadOf, rangeOf, settle } from '../core/batch.ts';
import { backoffMs } from '../core/pacing.ts';
import type { Batch, Delivery } from '../core/ports.ts';
import type { Taken } from '../core/record-window.ts';
import { type Attempt, afterAttempt, countTooOld, FRESH, isExhausted, type RetryState } from '../core/retry.ts';
import { giveUp } from './shard-failure.ts';
import { progressOf, type ShardSession, stopSession } from './shard-session.ts';

/** How much longer than one delivery a lease is stored, so that the deliveries after it need no write of their own. */
const COVER_AHEAD_MS = 10_000;

/** How long a lane waits at most before it looks again by itself. */
const LOOK_AGAIN_MS = 60_000;

/** How long one delivery may be in flight: the handler's timeout, and the margin for everything around it. */
export const flightMs = (session: ShardSession): number =>
  session.context.request.handler.timeoutMs + session.context.request.deliveryMarginMs;

/** When a lease that is written now has to expire, so that it covers a delivery. */
export function coveringUntilMs(session: ShardSession): number {
  const { request, ports } = session.context;
  return ports.clock.nowMs() + flightMs(session) + Math.min(COVER_AHEAD_MS, request.leaseDurationMs);
}

/**
 * Delivers one lane's records, batch by batch, until the shard's end or a stop.
 *
 * A delivery starts only while the stored lease outlasts it, and is waited for as long as it may be in flight; so at
 * every end of this function nothing of the lane is in flight. A batch that fails is repeated with backoff.
 */
export async function deliverLane(session: ShardSession, lane: number): Promise<void> {
  const { request, ports, budget } = session.context;
  const { window, wake, stop } = session;
  const resumed = session.keeper.row().attempts;
  let retry: RetryState = request.parallelizationFactor === 1 ? { attempts: resumed, limit: null } : FRESH;
  while (!stop.signal.aborted) {
    const ready = window.ready(lane);
    if (ready.records === 0) {
      if (session.isEnded) return;
      await wake.wait(LOOK_AGAIN_MS);
      continue;
    }
    const isFull = ready.records >= request.batchSize || ready.bytes >= MAX_PAYLOAD_BYTES;
    const waitMs = ready.sinceMs + request.maxBatchingWindowMs - ports.clock.nowMs();
    if (!isFull && !session.isEnded && waitMs > 0 && !budget.isTight()) {
      await wake.wait(Math.min(waitMs, 1_000));
      continue;
    }
    if (await giveUpFront(session, lane, retry)) {
      retry = FRESH;
      continue;
    }
    if (!(await isCovered(session)) || stop.signal.aborted) return;
    const taken = window.take(lane, { records: retry.limit ?? request.batchSize, bytes: MAX_PAYLOAD_BYTES });
    if (taken === null) continue;
    const isHead = window.isHead(taken);
    const attempt = await deliver(session, taken, retry.attempts + 1);
    retry = afterAttempt(request, retry, attempt, request.batchSize);
    if (isHead) session.attempts = retry.attempts;
    wake.notify();
    if (attempt.settled < attempt.records && !isExhausted(request, retry)) {
      await ports.clock.sleep(backoffMs(retry.attempts, 500, 60_000, ports.random), stop.signal);
    }
  }
}

/** Hands the records at a lane's front to the on-failure destination when they are too old or out of attempts. */
async function giveUpFront(session: ShardSession, lane: number, retry: RetryState): Promise<boolean> {
  const { request, ports } = session.context;
  if (ports.onFailure === undefined) return false;
  const times = session.window.queued(lane).map((record) => record.createdAtMs);
  const tooOld = countTooOld(request, times, ports.clock.nowMs());
  if (tooOld > 0) {
    await giveUp(session, lane, Math.min(tooOld, request.batchSize), 'RecordAgeExceeded', retry.attempts);
    return true;
  }
  if (!isExhausted(request, retry)) return false;
  await giveUp(session, lane, retry.limit ?? request.batchSize, 'RetryAttemptsExhausted', retry.attempts);
  return true;
}

/** Whether the stored lease outlasts a delivery that starts now; extends it where it does not. */
export async function isCovered(session: ShardSession): Promise<boolean> {
  const { keeper, context } = session;
  while (!keeper.lost.aborted) {
    if (keeper.coveredUntilMs() >= context.ports.clock.nowMs() + flightMs(session)) return true;
    if (!(await keeper.save(progressOf(session), coveringUntilMs(session)))) stopSession(session);
    if (session.stop.signal.aborted) return false;
  }
  return false;
}

/** One delivery, from its start to its settlement. */
async function deliver(session: ShardSession, taken: Taken, attempt: number): Promise<Attempt> {
  const { ports, budget } = session.context;
  const { shardId } = session.keeper.row();
  const startedAtMs = ports.clock.nowMs();
  const endsAtMs = startedAtMs + flightMs(session);
  const sequenceNumbers = taken.records.map((record) => record.sequenceNumber);
  const payload = payloadOf(taken.records.map((record) => record.body));
  const delivery = await invoke(session, { sequenceNumbers, payload }, endsAtMs);
  const judged = judge(delivery, sequenceNumbers);
  const nowMs = ports.clock.nowMs();
  const done = taken.records.slice(0, judged.settled);
  if (delivery.kind === 'unknown') {
    ports.report({ kind: 'delivery-unanswered', shardId, message: delivery.message });
    await ports.clock.sleep(endsAtMs - nowMs);
  } else if (delivery.kind === 'not-started') {
    ports.report({ kind: 'batch-refused', shardId, reason: delivery.reason, message: delivery.message });
  } else if (judged.reason !== null) {
    const failed = sequenceNumbers.slice(judged.settled);
    const range = rangeOf(failed);
    ports.report({ kind: 'batch-failed', shardId, records: failed.length, attempt, message: judged.reason, ...range });
  }
  if (done.length > 0) {
    const bytes = done.reduce((sum, record) => sum + record.bytes, 0);
    budget.release(bytes);
    const lagMs = Math.max(0, nowMs - done[done.length - 1]!.createdAtMs);
    ports.report({
      kind: 'batch-delivered',
      shardId,
      records: done.length,
      bytes,
      durationMs: nowMs - startedAtMs,
      lagMs,
    });
  }
  session.window.settle(taken, judged.settled);
  await storePage(session, judged.settled);
  return { records: taken.records.length, settled: judged.settled, kind: delivery.kind };
}

/** Stores the position once a page's worth is settled, where the source is to be read again from no earlier. */
async function storePage(session: ShardSession, settled: number): Promise<void> {
  const { source } = session.context.ports;
  session.settledOfPage += settled;
  if (!source.storesPages || settled === 0 || session.settledOfPage < session.pageRecords) return;
  session.settledOfPage = 0;
  if (!(await session.keeper.save(progressOf(session), coveringUntilMs(session)))) stopSession(session);
}

/** Hands a batch to the sink, and stops waiting when it can no longer be in flight. */
export async function invoke(
  session: ShardSession,
  batch: Pick<Batch, 'sequenceNumbers' | 'payload'>,
  endsAtMs: number,
): Promise<Delivery> {
  const { ports, request } = session.context;
  const { shardId } = session.keeper.row();
  const answered = new AbortController();
  const answer = ports.sink
    .deliver({ ...batch, subscription: request.subscription, shardId })
    .catch((error: unknown): Delivery => ({ kind: 'unknown', message: String(error) }));
  const noAnswer = ports.clock
    .sleep(endsAtMs - ports.clock.nowMs(), answered.signal)
    .then(
      (): Delivery => ({ kind: 'unknown', message: 'no answer within the handler timeout and the delivery margin' }),
    );
  const delivery = await Promise.race([answer, noAnswer]);
  answered.abort('answered');
  return delivery;
}

/** What a delivery settled of its records. */
export function judge(
  delivery: Delivery,
  sequenceNumbers: readonly string[],
): { readonly settled: number; readonly reason: string | null } {
  if (delivery.kind === 'answered') return settle(sequenceNumbers, delivery.response);
  return { settled: 0, reason: delivery.message };
}
