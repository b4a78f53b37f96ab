import { MAX_PAYLOAD_BYTES, payloadOf, rangeOf } from '../core/batch.ts';
import { type FailureCondition, failureMessage } from '../core/failed-batch.ts';
import { backoffMs } from '../core/pacing.ts';
import type { Failed } from '../core/ports.ts';
import type { ShardSession } from './shard-session.ts';

/**
 * Hands the first records of a lane to the on-failure destination; they are settled once it has stored them.
 *
 * A destination that refuses blocks the lane: it is asked again until it takes them or the shard is stopped. Dying
 * after it took them, before the position is stored, stores them again.
 */
export async function giveUp(
  session: ShardSession,
  lane: number,
  records: number,
  condition: FailureCondition,
  attempts: number,
): Promise<void> {
  const { ports, request, key, budget } = session.context;
  const { shardId } = session.keeper.row();
  const taken = session.window.take(lane, { records, bytes: MAX_PAYLOAD_BYTES });
  if (taken === null || ports.onFailure === undefined) return;
  const id = ports.newId();
  const atMs = ports.clock.nowMs();
  const message = failureMessage({
    records: taken.records,
    condition,
    attempts,
    functionArn: request.handler.functionArn,
    streamArn: key.stream.arn,
    shardId,
    id,
    atMs,
  });
  const payload = payloadOf(taken.records.map((record) => record.body));
  const batch = { subscription: request.subscription, shardId, id, atMs, message, payload };
  for (let attempt = 0; !session.stop.signal.aborted; attempt++) {
    const stored = await ports.onFailure
      .store(batch)
      .catch((error: unknown): Failed => ({ kind: 'failed', reason: 'unavailable', message: String(error) }));
    if (stored.kind === 'stored') {
      budget.release(taken.records.reduce((sum, record) => sum + record.bytes, 0));
      session.window.settle(taken, taken.records.length);
      session.attempts = 0;
      const range = rangeOf(taken.records.map((record) => record.sequenceNumber));
      ports.report({ kind: 'batch-given-up', shardId, records: taken.records.length, condition, ...range });
      return;
    }
    ports.report({ kind: 'destination-refused', shardId, records: taken.records.length, message: stored.message });
    await ports.clock.sleep(backoffMs(attempt, 500, 60_000, ports.random), session.stop.signal);
  }
  session.window.settle(taken, 0);
}
