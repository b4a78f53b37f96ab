import type { CallEnd, ParkingGuard, ParkingInvocation, ParkingPorts } from '../core/parking.ts';
import type { ParkingLimits } from '../core/parking-limits.ts';
import { parkedItemOf } from '../core/parking-queue.ts';
import type { EventRecord } from '../core/record.ts';
import { timeShares } from '../core/time-shares.ts';
import { type Attempted, attempted, isNoPoison } from './attempts.ts';
import { errorText } from './error-text.ts';
import { putAside } from './put-aside.ts';
import { report } from './report.ts';
import { settleAll } from './settle-all.ts';
import type { Streak } from './streak.ts';

export interface GuardParts {
  readonly ports: ParkingPorts;
  readonly limits: Required<ParkingLimits>;
  /** Which items failed in a row, over all invocations of this process. */
  readonly streak: Streak;
}

type Call = Parameters<ParkingGuard['settle']>[1];

/** A change that is being tried. */
interface Trial {
  readonly record: EventRecord;
  readonly attempt: () => unknown;
  /** Aborted when nobody waits for the change any more. */
  readonly over: AbortController;
  readonly untilMs: number;
  readonly hasItsShare: boolean;
}

/** How many parked items the read at the beginning tells of; with more than these, each item is looked up by itself. */
const GLANCE = 25;
/** Clocks of two functions differ by less. */
const SKEW_MS = 5_000;

/** Begins an invocation: reads what is parked, so that every change of a parked item goes behind it. */
export async function guardOf(
  { ports, limits, streak }: GuardParts,
  invocation: ParkingInvocation,
): Promise<ParkingGuard> {
  const { store, clock } = ports;
  const { remainingMs } = invocation;
  const { changeMs, reserveMs } = timeShares(remainingMs(), limits.timeShare);
  const glance = await store.markers(GLANCE, null);
  const parked = new Set(glance.markers.map(({ item }) => item));
  invocation.parkedItems(parked.size);
  const isAll = glance.next === null;
  /** Items that were looked up by themselves and are not parked. */
  const free = new Set<string>();
  let isFirst = true;

  const mayWait = (record: EventRecord): string | null => {
    if (isAll && parked.size === 0) return null;
    const item = parkedItemOf(record);
    return item !== null && (parked.has(item) || !(isAll || free.has(item))) ? item : null;
  };

  const queue = async (item: string, record: EventRecord, call: Call): Promise<void> => {
    const aside = await putAside(ports, { item, record, error: null, nowMs: clock.nowMs() });
    if (aside.kind === 'free') {
      parked.delete(item);
      free.add(item);
      await run(record, call);
      return;
    }
    report(
      invocation,
      aside.kind === 'parked'
        ? { kind: 'queued', record, waiting: aside.waiting }
        : { kind: 'acknowledged', record, reason: aside.reason },
    );
  };

  const run = (record: EventRecord, call: Call): unknown => {
    const leftMs = remainingMs() - reserveMs;
    if (leftMs <= 0) throw outOfTime(record);
    const untilMs = clock.nowMs() + Math.min(changeMs, leftMs);
    // With a share near 1, only the first can have it; a little less has to do, or its time would never come.
    const hasItsShare = leftMs >= (isFirst ? changeMs / 2 : changeMs);
    isFirst = false;
    const over = new AbortController();
    const trial = { record, attempt: () => call(over), over, untilMs, hasItsShare };
    try {
      const result = trial.attempt();
      if (isThenable(result)) return finish(trial, result);
      streak.succeeded();
      return result;
    } catch (error) {
      return finish(trial, Promise.reject(error));
    }
  };

  const finish = async (trial: Trial, first: PromiseLike<unknown>): Promise<void> => {
    const { record, over, untilMs, hasItsShare } = trial;
    const attempts = streak.isLongerThan(limits.stopAfter) ? 1 : limits.attempts;
    const end = await attempted(first, trial.attempt, { attempts, untilMs }, ports);
    if (end.kind === 'handled') {
      streak.succeeded();
      return;
    }
    const item = parkedItemOf(record);
    const error = end.kind === 'failed' ? end.error : tooLong(changeMs);
    if (end.kind === 'outlasted') over.abort(error);
    if (item === null || isNoPoison(error)) throw error;
    if (!hasItsShare && (end.kind === 'outlasted' || end.isCut)) throw outOfTime(record, error);
    streak.failed(item);
    if (streak.isLongerThan(limits.stopAfter)) throw outage(streak.length(), limits.stopAfter, error);
    await park(item, record, error, end);
  };

  const park = async (item: string, record: EventRecord, error: unknown, end: Attempted & { attempts: number }) => {
    const nowMs = clock.nowMs();
    // What outlasted its time may go on until the process ends: no redrive may begin before.
    const lease = end.kind === 'outlasted' ? { owner: ports.newId(), untilMs: nowMs + remainingMs() + SKEW_MS } : null;
    const aside = await putAside(ports, { item, record, error: errorText(error), nowMs }, lease);
    parked.add(item);
    report(
      invocation,
      aside.kind === 'known'
        ? { kind: 'acknowledged', record, reason: aside.reason }
        : { kind: 'parked', record, attempts: end.attempts, error },
    );
  };

  const settle: ParkingGuard['settle'] = (record, call) => {
    const item = mayWait(record);
    return item === null ? run(record, call) : queue(item, record, call);
  };
  /** A call for many is waited for, whatever it takes; its signal asks it to end while there is time for each item. */
  const callForMany = async <T>(call: (end: CallEnd) => Promise<T>): Promise<T> => {
    const [over, ended] = [new AbortController(), new AbortController()];
    if (changeMs !== Number.POSITIVE_INFINITY) {
      void clock.sleep(Math.min(changeMs, remainingMs() - reserveMs), ended.signal).then(() => {
        if (!ended.signal.aborted) over.abort(tooLong(changeMs));
      });
    }
    try {
      return await call(over);
    } finally {
      ended.abort();
    }
  };
  return {
    settle,
    settleAll: (records, call) =>
      settleAll({ settle, callForMany, mayWait: (record) => mayWait(record) !== null }, records, call),
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const tooLong = (ms: number): Error =>
  new Error(`the change took longer than ${Math.round(ms)} ms, its share of the invocation's time`);

const outOfTime = (record: EventRecord, cause?: unknown): Error =>
  new Error(
    `too little of the invocation's time was left for the change ${record.eventID}: it comes again, with a whole share`,
    { cause },
  );

const outage = (items: number, stopAfter: number, cause: unknown): Error =>
  new Error(
    `${items} different items failed in a row, more than stopAfter: ${stopAfter}; that looks like an outage, so nothing more is parked`,
    { cause },
  );
