import { backoffMs, IDLE_AFTER_PAGES, type PollFacts, pollDelayMs } from '../core/pacing.ts';
import type { Failed, Page } from '../core/ports.ts';
import { afterSequenceNumber, trimHorizon, withMoment } from '../core/position.ts';
import { laneOf } from '../core/record-window.ts';
import { bodyOf, isRefused, markOf } from './record-body.ts';
import { isLossHidden } from './shard-gap.ts';
import { isCaughtUp, lastRecordAtMs, type ShardSession } from './shard-session.ts';

/** GetRecords answers with at most one megabyte; the room a page takes before its size is known. */
const PAGE_BYTES = 1_048_576;

/** Two invocations' worth of records: the next batch is read while one is handled. */
const WINDOW_BYTES = 12 * 1_048_576;

/** A record older than the last caught-up moment by more than clocks differ disproves it. */
const CAUGHT_UP_DOUBT_MS = 60_000;

/** How often an answer that should pass by itself is asked again before it is believed. */
const BELIEVED_AFTER = 5;

/** Why reading a shard ended. */
export type ReadingEnd = 'stopped' | 'shard-end' | 'trimmed' | 'gone';

/**
 * Reads a shard's pages into its window until it is stopped, at the shard's end, or finds data gone.
 *
 * Writes nothing: dying at any point loses only what was read and is read again. Failures are backed off per shard and
 * never taken for the shard's end.
 */
export async function readPages(session: ShardSession): Promise<ReadingEnd> {
  const { budget, ports } = session.context;
  const { signal } = session.stop;
  const { hidesTrimmed = false, pageBytes = PAGE_BYTES, pollIntervalMs = 0 } = ports.source;
  let failures = 0;
  let refusals = 0;
  while (!signal.aborted) {
    if (session.window.bytes() >= WINDOW_BYTES) {
      await session.wake.wait(1_000);
      continue;
    }
    if (!(await budget.reserve(pageBytes, signal))) break;
    const askedAtMs = ports.clock.nowMs();
    const page = await nextPage(session).catch(unavailable);
    try {
      if (page.kind === 'page') admit(session, page, askedAtMs);
    } finally {
      budget.release(pageBytes);
    }
    switch (page.kind) {
      case 'page': {
        failures = 0;
        refusals = 0;
        if (page.next === null) return 'shard-end';
        session.iterator = { value: page.next, issuedAtMs: ports.clock.nowMs() };
        const delayMs = Math.max(pollIntervalMs, pollDelayMs(pollFactsOf(session, page.records.length)));
        if (delayMs > 0) await ports.clock.sleep(delayMs, signal);
        break;
      }
      case 'expired':
        session.iterator = null;
        ports.report({ kind: 'iterator-expired', shardId: session.keeper.row().shardId });
        break;
      case 'trimmed':
      case 'gone': {
        const isAtHorizon = session.isPastTrim || session.readPosition.at === 'trim-horizon';
        const isBelieved = page.kind === 'trimmed' && !isAtHorizon ? true : ++refusals >= BELIEVED_AFTER;
        session.iterator = null;
        // A source that hides what it trimmed has not said so: the time has.
        if (hidesTrimmed && page.kind === 'trimmed') return 'trimmed';
        if (isBelieved) return isAtHorizon ? 'gone' : page.kind;
        await ports.clock.sleep(backoffMs(refusals, 200, 5_000, ports.random), signal);
        break;
      }
      case 'failed':
        ports.report({ kind: 'source-failed', operation: 'read', reason: page.reason, message: page.message });
        await ports.clock.sleep(backoffMs(failures++, 100, 10_000, ports.random), signal);
        break;
    }
  }
  return 'stopped';
}

const pollFactsOf = (session: ShardSession, pageRecords: number): PollFacts => ({
  pageRecords,
  emptyPages: session.emptyPages,
  sinceRecordMs: session.context.ports.clock.nowMs() - Math.max(session.lastArrivalAtMs, lastRecordAtMs(session) ?? 0),
  isKeptAwake: session.context.request.keepAwake,
  restMs: session.context.rest.untilMs - session.context.ports.clock.nowMs(),
});

const unavailable = (error: unknown): Failed => ({ kind: 'failed', reason: 'unavailable', message: String(error) });

/** The next page: through the live iterator, or a new one from after everything that was read. */
async function nextPage(session: ShardSession): Promise<Page> {
  const { source, clock } = session.context.ports;
  const { stream } = session.context.key;
  const live = session.iterator;
  const isLive = live !== null && clock.nowMs() - live.issuedAtMs < source.iteratorLifetimeMs;
  if (isLive && !(source.hidesTrimmed && source.retentionMs === undefined)) {
    return isLossHidden(session) ? { kind: 'trimmed' } : source.read(stream, live.value);
  }
  // Where trimmed data is hidden, the old position leads to what is left by itself.
  const position = session.isPastTrim && !source.hidesTrimmed ? trimHorizon() : session.readPosition;
  const opened = await source.open(stream, session.keeper.row().shardId, position);
  if (opened.kind !== 'opened') return opened;
  session.iterator = { value: opened.iterator, issuedAtMs: clock.nowMs() };
  // The empty pages before the next record begin anew with an iterator: those of another prove nothing.
  session.emptyPages = 0;
  return isLossHidden(session) ? { kind: 'trimmed' } : source.read(stream, opened.iterator);
}

/** Takes a page into the window: what lies before the start, or does not pass the filter, needs no delivery. */
function admit(session: ShardSession, { records, next, behindMs }: PageOfRecords, askedAtMs: number): void {
  const { ports, request, budget } = session.context;
  const { shardId } = session.keeper.row();
  const nowMs = ports.clock.nowMs();
  let before = 0;
  let filtered = 0;
  let isIdleNow = false;
  for (const record of records) {
    const { notBefore } = session.readPosition;
    const isBefore = notBefore !== undefined && record.createdAtMs < notBefore;
    const kept = isBefore ? notBefore : undefined;
    const isFiltered = !isBefore && isRefused(ports, record);
    const { sequenceNumber, createdAtMs } = record;
    // More empty pages lay before this record than make a shard idle: it was not caught up then.
    const isDoubted = behindMs === undefined && createdAtMs < (session.caughtUpAtMs ?? 0) - CAUGHT_UP_DOUBT_MS;
    if (isDoubted) session.caughtUpAtMs = createdAtMs;
    if (isBefore || isFiltered) {
      if (isBefore) before++;
      else filtered++;
      const { position } = record;
      session.window.pass({
        sequenceNumber,
        createdAtMs,
        body: '',
        bytes: 0,
        arrivedAtMs: nowMs,
        notBefore: kept,
        position,
      });
    } else {
      const body = bodyOf(record, markOf(session.context, createdAtMs));
      const bytes = Buffer.byteLength(body);
      const lanes = request.parallelizationFactor;
      const lane = lanes === 1 ? 0 : laneOf(record.itemKey(), lanes);
      const { position } = record;
      const pushed = { sequenceNumber, createdAtMs, body, bytes, arrivedAtMs: nowMs, notBefore: kept, position };
      session.window.push(pushed, lane);
      budget.take(bytes);
    }
    session.readPosition = withMoment(record.position ?? afterSequenceNumber(sequenceNumber), kept);
    session.isPastTrim = false;
  }
  ports.report({ kind: 'page-read', shardId, records: records.length });
  if (before > 0) ports.report({ kind: 'records-skipped', shardId, records: before, reason: 'before-start' });
  if (filtered > 0) ports.report({ kind: 'records-skipped', shardId, records: filtered, reason: 'filtered' });
  if (records.length === 0) {
    session.emptyPages = emptyPagesAfter(session.emptyPages, behindMs, next);
    if (isCaughtUp(session)) {
      session.caughtUpAtMs = nowMs;
      if (!session.isRead || session.emptyPages === IDLE_AFTER_PAGES) isIdleNow = true;
    }
  } else {
    session.emptyPages = 0;
    session.lastArrivalAtMs = nowMs;
    session.pageRecords = records.length;
    session.wake.notify();
  }
  session.isRead = true;
  if (isIdleNow) session.onIdle();
  if (behindMs === undefined) return;
  session.readUpToMs = askedAtMs - behindMs;
  session.isPastTrim = false;
  // At a closed shard's end, being behind says nothing of the shard.
  if (next !== null && session.window.unsettled() === 0) {
    session.caughtUpAtMs = Math.max(session.caughtUpAtMs ?? 0, session.readUpToMs);
  }
}

/** Ten empty pages make a shard idle; one does where the source says how far behind it is, and none while it is behind. */
function emptyPagesAfter(before: number, behindMs: number | undefined, next: string | null): number {
  if (behindMs === undefined) return before + 1;
  return behindMs === 0 && next !== null ? Math.max(before, IDLE_AFTER_PAGES) : 0;
}

type PageOfRecords = Extract<Page, { readonly kind: 'page' }>;
