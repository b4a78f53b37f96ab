import type { LeaseRow } from '../core/lease.ts';
import { prematureOrphans, withDescendants } from '../core/listing-doubt.ts';
import { planChildren, planNewShards } from '../core/listing-plan.ts';
import type { ListedShard, StreamIdentity } from '../core/ports.ts';
import { afterSequenceNumber, shardEnd } from '../core/position.ts';
import type { EventRecord } from '../core/record.ts';
import { isReadable, openingPosition } from '../core/shard-graph.ts';
import { nextToTell } from '../core/tail-order.ts';
import { type TailBeginning, toldUpTo } from '../core/tail-start.ts';
import { allListed } from './listing.ts';
import type { TailPorts } from './ports.ts';
import { fill, gapOf, type TailShard, tailShard, viewOf } from './tail-shard.ts';

/** One stream that is followed. */
export interface TailStream {
  readonly stream: StreamIdentity;
  readonly rows: Map<string, LeaseRow>;
  /** Every change that passes, until the stream is at its end or the signal ends it. */
  readonly records: () => AsyncGenerator<EventRecord, void, void>;
}

/** Listings are for shards that nobody's end has told of: the calls are the whole account's. */
const LIST_EVERY_MS = 30_000;
/** Children are visible seconds after their parent's end. */
const ASK_AGAIN_MS = 2_000;
const READS_AT_ONCE = 8;
/** A listing that contradicts itself is believed when it has said the same for this long. */
const BELIEVED_AFTER_MS = 60_000;

export interface TailStreamOptions {
  readonly beginning: TailBeginning;
  readonly accepts: (event: object) => boolean;
  readonly signal: AbortSignal;
}

/** Follows one stream, parents before their children, without leases. */
export function tailStream(stream: StreamIdentity, ports: TailPorts, options: TailStreamOptions): TailStream {
  const { source, clock } = ports;
  const { beginning, accepts, signal } = options;
  const rows = new Map(beginning.rows.map((row) => [row.shardId, row]));
  const shards = new Map<string, TailShard>();
  const orphans: EventRecord[] = [];
  /** Finished shards whose children are not visible yet, and when to ask for them again. */
  const childless = new Map<string, number>();
  const doubts = new Map<string, number>();
  let listAtMs = clock.nowMs() + LIST_EVERY_MS;
  let isOpen = true;

  const add = (listed: readonly ListedShard[]): void => {
    const nowMs = clock.nowMs();
    const premature = prematureOrphans(listed, rows, nowMs).filter(({ shardId }) => {
      doubts.set(shardId, doubts.get(shardId) ?? nowMs);
      return nowMs - (doubts.get(shardId) ?? nowMs) < BELIEVED_AFTER_MS;
    });
    const doubtful = withDescendants(premature, listed, rows);
    const certain = listed.filter(({ shardId }) => !doubtful.has(shardId));
    const created = planNewShards(certain, rows, (shard) => noGap(shard.shardId), beginning.start);
    for (const row of created) rows.set(row.shardId, { ...row, gap: null });
    for (const row of created) if (row.gap) orphans.push(gapOf(row, stream, 'parent-missing', nowMs));
    for (const row of created) for (const parent of row.parents) childless.delete(parent);
  };

  const listIfDue = async (): Promise<void> => {
    if (clock.nowMs() < listAtMs) return;
    listAtMs = clock.nowMs() + LIST_EVERY_MS;
    const listing = await allListed(stream, ports);
    if (listing === null) return;
    isOpen = listing.isOpen;
    add(listing.shards);
  };

  const askForChildren = async (shardId: string): Promise<void> => {
    childless.set(shardId, clock.nowMs() + ASK_AGAIN_MS);
    const answer = await source.childrenOf(stream, shardId).catch(() => null);
    if (answer?.kind !== 'children') return;
    const children = answer.shards.filter((shard) => shard.parents.includes(shardId));
    for (const row of planChildren(children, rows)) rows.set(row.shardId, row);
    if (children.length > 0) childless.delete(shardId);
  };

  const activate = (): void => {
    for (const row of rows.values()) {
      if (shards.has(row.shardId) || !isReadable(row, rows)) continue;
      const opened = { ...row, position: openingPosition(row, rows) };
      rows.set(row.shardId, opened);
      shards.set(row.shardId, tailShard(opened, beginning.atNext.has(row.shardId)));
    }
  };

  const finish = async (shard: TailShard): Promise<void> => {
    const { row } = shard;
    shards.delete(row.shardId);
    const notBefore = shard.isAtNext ? undefined : row.position.notBefore;
    rows.set(row.shardId, { ...row, position: shardEnd(notBefore), finishedAtMs: clock.nowMs(), children: 'stored' });
    const isKnown = [...rows.values()].some(({ parents }) => parents.includes(row.shardId));
    if (!isKnown) await askForChildren(row.shardId);
  };

  const isEmpty = (shard: TailShard): boolean => shard.buffer.length === 0 && shard.gaps.length === 0;

  const readDue = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    const due = [...shards.values()].filter((shard) => isEmpty(shard) && !shard.isAtEnd && shard.dueAtMs <= nowMs);
    for (let from = 0; from < due.length && !signal.aborted; from += READS_AT_ONCE) {
      await Promise.all(due.slice(from, from + READS_AT_ONCE).map((shard) => fill(shard, stream, ports)));
    }
    for (const [shardId, askAtMs] of childless) if (isOpen && askAtMs <= nowMs) await askForChildren(shardId);
  };

  /** Takes the oldest change of a shard; `null` when it does not pass. */
  const take = (shard: TailShard): EventRecord | null => {
    const gap = shard.gaps.shift();
    if (gap !== undefined) return gap;
    const record = shard.buffer.shift();
    if (record === undefined) return null;
    const { notBefore } = shard.row.position;
    const isEarly = notBefore !== undefined && !shard.isAtNext && record.createdAtMs < notBefore;
    const createdAtMs = shard.isAtNext ? Number.POSITIVE_INFINITY : record.createdAtMs;
    const told = toldUpTo(shard.row, record.position ?? afterSequenceNumber(record.sequenceNumber), createdAtMs);
    shard.row = { ...told, lastRecordAtMs: record.createdAtMs };
    shard.isAtNext = false;
    rows.set(shard.row.shardId, shard.row);
    return isEarly || !accepts(record.event) ? null : (record.event as EventRecord);
  };

  async function* records(): AsyncGenerator<EventRecord, void, void> {
    while (!signal.aborted) {
      await listIfDue();
      activate();
      await readDue();
      while (orphans.length > 0) yield orphans.shift()!;
      const atEnd = [...shards.values()].filter((shard) => isEmpty(shard) && shard.isAtEnd);
      for (const shard of atEnd) await finish(shard);
      const next = shards.get(nextToTell([...shards.values()].map(viewOf)) ?? '');
      if (next !== undefined) {
        const record = take(next);
        if (record !== null) yield record;
        continue;
      }
      // Their children may be read now.
      if (atEnd.length > 0) continue;
      if (!isOpen && shards.size === 0 && [...rows.values()].every(({ position }) => position.at === 'shard-end'))
        return;
      const dueAtMs = Math.min(listAtMs, ...childless.values(), ...[...shards.values()].map((shard) => shard.dueAtMs));
      await clock.sleep(Math.max(1, dueAtMs - clock.nowMs()), signal);
    }
  }

  return { stream, rows, records };
}

/** A tail tells of orphans by itself, and halts at nothing. */
const noGap = (shardId: string) =>
  ({ id: '', reason: 'parent-missing', shardId, after: '', detectedAtMs: 0, status: 'reported' }) as const;
