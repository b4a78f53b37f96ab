import type { CallEnd, ParkingInvocation, ParkingPorts, RedriveResult } from '../core/parking.ts';
import type { ParkingLimits } from '../core/parking-limits.ts';
import { failedAgain, released, waitingIn } from '../core/parking-queue.ts';
import type { EventRecord } from '../core/record.ts';
import { parseRedrive } from '../core/redrive-event.ts';
import { timeShares } from '../core/time-shares.ts';
import { allMarkers } from './all-markers.ts';
import { attempted, begun, isNoPoison } from './attempts.ts';
import { errorText } from './error-text.ts';
import { type HeldQueue, holdQueue, QueueLost } from './held-queue.ts';
import { report } from './report.ts';
import { newStreak } from './streak.ts';

export interface RedriveParts {
  readonly ports: ParkingPorts;
  readonly limits: Required<ParkingLimits>;
}

/** Outside Lambda no end is known: a function that takes longer for one change may meet another redrive. */
const LONGEST_CHANGE_MS = 15 * 60_000;
/** Clocks of two functions differ by less. */
const SKEW_MS = 5_000;

/** What the redrive of one item came to. */
type ItemEnd =
  | { readonly kind: 'freed' | 'held' | 'not-parked' | 'out-of-time' }
  | { readonly kind: 'failed'; readonly record: EventRecord; readonly error: unknown };

/**
 * Handles parked changes again: item by item, in the order of each queue, until one fails or all are handled.
 *
 * Dying after any of the waits leaves every queue as it is in the table: a change that was handled and not removed is
 * handled once more, and the lease ends with the invocation that held it.
 */
export async function redriveParked(
  { ports, limits }: RedriveParts,
  request: unknown,
  invocation: ParkingInvocation,
  handle: (record: EventRecord, end: CallEnd) => unknown,
): Promise<RedriveResult> {
  const { store, clock, newId } = ports;
  const { items } = parseRedrive(request);
  const { changeMs, reserveMs } = timeShares(invocation.remainingMs(), limits.timeShare);
  const heldUntilMs = () => clock.nowMs() + Math.min(invocation.remainingMs(), LONGEST_CHANGE_MS) + SKEW_MS;
  const owner = newId();
  const streak = newStreak();
  const counts = { redriven: 0, freed: 0, held: 0, notParked: 0, left: 0 };
  const failed: { item: string; eventId: string; error: string }[] = [];

  const handleOldest = async (queue: HeldQueue): Promise<ItemEnd | null> => {
    const change = await queue.oldest();
    const { record } = change;
    const leftMs = invocation.remainingMs() - reserveMs;
    if (leftMs < changeMs / 2) {
      await queue.write(released);
      return { kind: 'out-of-time' };
    }
    const untilMs = clock.nowMs() + Math.min(changeMs, leftMs);
    const over = new AbortController();
    const call = () => handle(record, over);
    const end = await attempted(begun(call), call, { attempts: limits.attempts, untilMs }, ports);
    if (end.kind === 'handled') {
      const isMore = await queue.settle(change);
      counts.redriven += 1;
      streak.succeeded();
      report(invocation, { kind: 'redriven', record, waiting: isMore ? waitingIn(queue.marker()) : 0 });
      return isMore ? null : { kind: 'freed' };
    }
    const error = end.kind === 'failed' ? end.error : new Error('the change took longer than its share of the time');
    if (end.kind === 'outlasted') over.abort(error);
    await queue.write((marker) => {
      const noted = failedAgain(marker, errorText(error));
      // What outlasted its time may go on until this process ends: the lease stays until then.
      return end.kind === 'failed' ? { ...noted, lease: null } : noted;
    });
    report(invocation, { kind: 'redrive-failed', record, error });
    return { kind: 'failed', record, error };
  };

  const redriveItem = async (item: string): Promise<ItemEnd> => {
    const queue = await holdQueue(ports, item, owner, heldUntilMs);
    if (queue === null) return { kind: (await store.marker(item)) === null ? 'not-parked' : 'held' };
    try {
      for (;;) {
        const end = await handleOldest(queue);
        if (end !== null) return end;
      }
    } catch (error) {
      if (error instanceof QueueLost) return { kind: 'held' };
      throw error;
    }
  };

  const all = items.length > 0 ? items : (await allMarkers(store)).map((marker) => marker.item);
  for (const [index, item] of all.entries()) {
    const end = await redriveItem(item);
    if (end.kind === 'freed' || end.kind === 'held') counts[end.kind] += 1;
    // An item that was listed and is free by now was another redrive's.
    if (end.kind === 'not-parked' && items.length > 0) counts.notParked += 1;
    if (end.kind === 'failed') {
      streak.failed(item);
      failed.push({ item, eventId: end.record.eventID, error: errorText(end.error).split('\n', 1).join('') });
    }
    const isOutage = end.kind === 'failed' && (isNoPoison(end.error) || streak.isLongerThan(limits.stopAfter));
    if (end.kind === 'out-of-time' || isOutage) {
      counts.left = all.length - index - (isOutage ? 1 : 0);
      break;
    }
  }
  return { ...counts, failed };
}
