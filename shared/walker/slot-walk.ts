import type { WalkSummary } from '../core/walk-event.ts';
import type { WalkRequest } from '../request.ts';
import type { WalkLimits, WalkPorts } from './context.ts';
import { type HeldSlot, takeSlot } from './slot-holder.ts';

type Reason = WalkSummary['reason'];

/**
 * Walks while the worker's slot is held, until the hand-over or a stop; `slot-held` when another walk has it.
 *
 * Nothing is thrown: what nobody expected is reported, and the walk `failed`.
 */
export async function walkInSlot(
  request: Pick<WalkRequest, 'subscription' | 'worker' | 'handler' | 'deliveryMarginMs' | 'leaseDurationMs'>,
  ports: Pick<WalkPorts, 'clock' | 'state' | 'report' | 'newId'>,
  limits: Pick<WalkLimits, 'deadlineMs' | 'stop'>,
  act: (slot: HeldSlot, owner: string, stop: AbortSignal) => Promise<Reason>,
): Promise<Reason> {
  const { clock } = ports;
  const handOverAtMs = limits.deadlineMs - request.handler.timeoutMs - request.deliveryMarginMs;
  const ended = new AbortController();
  const stop = new AbortController();
  const stopEarly = (): void => stop.abort('stopped' satisfies Reason);
  limits.stop?.addEventListener('abort', stopEarly, { once: true });
  if (limits.stop?.aborted) stopEarly();
  const handOver = clock
    .sleep(handOverAtMs - clock.nowMs(), ended.signal)
    .then(() => stop.abort('hand-over' satisfies Reason));
  try {
    const durationMs = Math.min(30_000, Math.max(2_000, request.leaseDurationMs));
    const tick = { worker: request.worker, owner: ports.newId(), durationMs, handOverAtMs };
    const slot = await takeSlot(ports, request.subscription, tick, stop.signal);
    if (slot === null) {
      ports.report({ kind: 'slot-held', worker: request.worker });
      return 'slot-held';
    }
    try {
      return await act(slot, tick.owner, stop.signal);
    } finally {
      await slot.release();
    }
  } catch (error) {
    ports.report({ kind: 'state-failed', operation: 'walk', message: String(error) });
    return 'failed';
  } finally {
    limits.stop?.removeEventListener('abort', stopEarly);
    ended.abort();
    await handOver;
  }
}

/** Why a stop was asked for. */
export const reasonOf = (stop: AbortSignal): Reason => (stop.reason === 'hand-over' ? 'hand-over' : 'stopped');
