import { gapAt, gapRecord, mayHaveLost } from '../core/gap.ts';
import type { LeaseRow, LiveIterator } from '../core/lease.ts';
import { backoffMs, pollDelayMs } from '../core/pacing.ts';
import type { Page, SourceRecord, StreamIdentity } from '../core/ports.ts';
import { trimHorizon } from '../core/position.ts';
import type { EventRecord, GapNotice } from '../core/record.ts';
import type { TailView } from '../core/tail-order.ts';
import type { TailPorts } from './ports.ts';

/** One shard as a tail reads it. */
export interface TailShard {
  row: LeaseRow;
  /** Read and not told yet, oldest first. */
  readonly buffer: SourceRecord[];
  /** Gaps to tell before anything else of the shard. */
  readonly gaps: EventRecord[];
  iterator: LiveIterator | null;
  /** Whether it is opened at whatever comes next. */
  isAtNext: boolean;
  emptyPages: number;
  failures: number;
  dueAtMs: number;
  /** Whether nothing comes after what is in the buffer. */
  isAtEnd: boolean;
}

export const tailShard = (row: LeaseRow, isAtNext: boolean): TailShard => ({
  row,
  buffer: [],
  gaps: [],
  iterator: null,
  isAtNext,
  emptyPages: isAtNext ? CAUGHT_UP_AFTER_PAGES : 0,
  failures: 0,
  dueAtMs: 0,
  isAtEnd: false,
});

/** An empty page proves nothing; five in a row, and others need not wait for this shard. */
const CAUGHT_UP_AFTER_PAGES = 5;

export const viewOf = (shard: TailShard): TailView => ({
  shardId: shard.row.shardId,
  headMs: shard.gaps.length > 0 ? 0 : (shard.buffer[0]?.createdAtMs ?? null),
  isAwaited: !shard.isAtEnd && shard.failures === 0 && shard.emptyPages < CAUGHT_UP_AFTER_PAGES,
});

/** A shard that is followed is never left alone for long. */
const pollFacts = (page: { readonly records: readonly unknown[] }, { emptyPages }: TailShard) => ({
  ...{ pageRecords: page.records.length, emptyPages, sinceRecordMs: 0 },
  ...{ isKeptAwake: true, restMs: 0 },
});

/** Reads the shard's next page into its buffer, which is empty. */
export async function fill(shard: TailShard, stream: StreamIdentity, ports: TailPorts): Promise<void> {
  const { clock, source } = ports;
  const { pollIntervalMs = 0 } = source;
  const page = await nextPage(shard, stream, ports);
  const nowMs = clock.nowMs();
  switch (page.kind) {
    case 'page':
      shard.failures = 0;
      shard.buffer.push(...page.records);
      shard.emptyPages = page.records.length > 0 ? 0 : shard.emptyPages + 1;
      shard.isAtEnd = page.next === null;
      shard.iterator = page.next === null ? null : { value: page.next, issuedAtMs: nowMs };
      shard.dueAtMs = nowMs + Math.max(pollIntervalMs, pollDelayMs(pollFacts(page, shard)));
      break;
    case 'expired':
      shard.iterator = null;
      break;
    case 'trimmed':
      tellLoss(shard, stream, 'trimmed', nowMs);
      shard.iterator = null;
      shard.row = { ...shard.row, position: trimHorizon(shard.row.position.notBefore) };
      shard.dueAtMs = nowMs + 1_000;
      break;
    case 'gone':
      tellLoss(shard, stream, 'shard-vanished', nowMs);
      shard.isAtEnd = true;
      break;
    case 'failed':
      shard.failures += 1;
      // Whoever comes third keeps away: those who were there first are subscriptions.
      shard.dueAtMs = nowMs + 500 + backoffMs(shard.failures, 1_000, 10_000, ports.random);
      if (page.reason === 'throttled') {
        ports.report({ kind: 'throttled', shardId: shard.row.shardId, message: page.message });
      } else ports.report({ kind: 'source-failed', operation: 'read', message: page.message });
  }
}

async function nextPage(shard: TailShard, stream: StreamIdentity, { source, clock }: TailPorts): Promise<Page> {
  const { iterator, row } = shard;
  try {
    if (iterator !== null && clock.nowMs() - iterator.issuedAtMs < source.iteratorLifetimeMs) {
      return await source.read(stream, iterator.value);
    }
    const opened = shard.isAtNext
      ? await source.openLatest(stream, row.shardId)
      : await source.open(stream, row.shardId, row.position);
    if (opened.kind !== 'opened') return opened;
    shard.iterator = { value: opened.iterator, issuedAtMs: clock.nowMs() };
    return await source.read(stream, opened.iterator);
  } catch (error) {
    return { kind: 'failed', reason: 'unavailable', message: String(error) };
  }
}

/** A tail goes on with what is left, and tells what may be missing. */
function tellLoss(shard: TailShard, stream: StreamIdentity, reason: GapNotice['reason'], nowMs: number): void {
  const { row } = shard;
  const known = {
    position: row.position,
    caughtUpAtMs: row.caughtUpAtMs,
    generationStartedAtMs: 0,
    streamCreatedAtMs: stream.createdAtMs,
  };
  if (mayHaveLost(known, nowMs)) shard.gaps.push(gapOf(row, stream, reason, nowMs));
}

/** The record by which a consumer is told of a gap. */
export function gapOf(row: LeaseRow, stream: StreamIdentity, reason: GapNotice['reason'], nowMs: number): EventRecord {
  const gap = gapAt(reason, { generation: 1, stream }, row.shardId, row.position, nowMs, {
    halts: false,
    delivers: true,
  });
  return gapRecord(row, gap, stream.arn, stream.arn.split(':')[3] ?? '');
}
