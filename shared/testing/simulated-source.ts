import type { Clock, ListedShard, Source } from '../core/ports.ts';
import type { Position } from '../core/position.ts';
import type { Random } from './simulated-random.ts';
import type { SimulatedRecord } from './simulated-record.ts';
import type { SimulatedShard, SimulatedStreamLife } from './simulated-shard.ts';
import type { SimulatedStream } from './simulated-stream.ts';

export interface SimulatedSourceOptions {
  readonly stream: SimulatedStream;
  readonly clock: Clock;
  readonly random: Random;
  /** @default 86_400_000, DynamoDB's 24 hours */
  readonly retentionMs?: number;
  /** How long a shard whose records are all trimmed stays listed. @default 0 */
  readonly listedAfterTrimMs?: number;
  /** @default 900_000, DynamoDB's 15 minutes */
  readonly iteratorExpiryMs?: number;
  /** @default 1000 */
  readonly pageRecords?: number;
  /** @default 100 */
  readonly pageShards?: number;
  /** Whether shard ids tell when shards were created, as DynamoDB's do. @default true */
  readonly idsTellTime?: boolean;
  /** Whether a shard's children can be asked for without a listing. @default true */
  readonly tellsChildren?: boolean;
  /** Whether reading goes on silently behind trimmed data, and pages tell how far behind they are, as Kinesis's do. @default false */
  readonly hidesTrimmed?: boolean;
  /** How many empty pages come before the next record: asked at each opening and after each page with records. @default 0 */
  readonly emptyPages?: () => number;
}

/** What is left of a shard: how many of its oldest records are trimmed, and whether it is there at all. */
export interface Remains {
  readonly trimmed: number;
  readonly isBeginningTrimmed: boolean;
  readonly isGone: boolean;
}

/** The simulated stream as the walker sees it, by DynamoDB's rules of trimming, iterators, pages and listings. */
export interface SimulatedSource extends Source {
  readonly remains: (shard: SimulatedShard) => Remains;
}

/** An iterator's text holds all there is to know of it: `n` counts the records before it. */
interface Iterator {
  readonly shardId: string;
  readonly n: number;
  readonly issuedAtMs: number;
  readonly emptyPages: number;
}

export function simulatedSource(options: SimulatedSourceOptions): SimulatedSource {
  const { stream, clock, random, idsTellTime = true, tellsChildren = true, emptyPages = () => 0 } = options;
  const { hidesTrimmed = false } = options;
  const retentionMs = options.retentionMs ?? 24 * 60 * 60 * 1000;
  const expiryMs = options.iteratorExpiryMs ?? 15 * 60 * 1000;
  const pageRecords = options.pageRecords ?? 1000;
  const pageShards = options.pageShards ?? 100;
  const trimmedUpTo = new Map<SimulatedShard, number>();

  const lifeOf = (arn: string) => stream.lives.find((life) => life.identity.arn === arn);
  const remains = (shard: SimulatedShard): Remains => {
    const horizonMs = clock.nowMs() - retentionMs;
    let trimmed = trimmedUpTo.get(shard) ?? 0;
    while (trimmed < shard.records.length && shard.records[trimmed]!.writtenAtMs <= horizonMs) trimmed++;
    trimmedUpTo.set(shard, trimmed);
    return {
      trimmed,
      isBeginningTrimmed: shard.openedAtMs <= horizonMs,
      isGone: shard.closedAtMs !== null && shard.closedAtMs <= horizonMs,
    };
  };
  const isListed = (shard: SimulatedShard) =>
    shard.shownAtMs <= clock.nowMs() &&
    (shard.closedAtMs === null || shard.closedAtMs + retentionMs + (options.listedAfterTrimMs ?? 0) > clock.nowMs());
  const listed = (shard: SimulatedShard): ListedShard => ({
    shardId: shard.shardId,
    parents: shard.parents,
    startingSequenceNumber: shard.startingSequenceNumber,
    isClosed: shard.shownClosedAtMs <= clock.nowMs(),
    createdAtMs: idsTellTime ? shard.openedAtMs : null,
  });
  /** From the next record that a page leaves unread to now. */
  const behindAt = (shard: SimulatedShard, n: number) => {
    const next = shard.records[Math.max(n, remains(shard).trimmed)];
    return hidesTrimmed ? { behindMs: next === undefined ? 0 : clock.nowMs() - next.writtenAtMs } : {};
  };
  /** A stream that was turned off is there for as long as its last records are. */
  const isOver = ({ disabledAtMs }: SimulatedStreamLife) =>
    disabledAtMs !== null && disabledAtMs + retentionMs + (options.listedAfterTrimMs ?? 0) <= clock.nowMs();
  const visible = (life: SimulatedStreamLife) => [...life.shards.values()].filter(isListed);
  const orders = new Map<SimulatedStreamLife, readonly SimulatedShard[]>();
  /** Any order, but the same one for all pages of a listing: by the ids' random end. */
  const inOrder = (life: SimulatedStreamLife): readonly SimulatedShard[] => {
    const known = orders.get(life);
    if (known?.length === life.shards.size) return known;
    const ordered = [...life.shards.values()].sort((a, b) => compareText(suffix(a), suffix(b)));
    orders.set(life, ordered);
    return ordered;
  };

  return {
    remains,
    iteratorLifetimeMs: (expiryMs * 14) / 15,
    ...(hidesTrimmed && { hidesTrimmed, retentionMs }),
    current: async () => {
      if (!stream.tableExists()) return { kind: 'no-table', message: `there is no table ${stream.tableName}` };
      const life = stream.latest();
      if (!life) return { kind: 'no-stream', message: `the table ${stream.tableName} has no stream` };
      return { kind: 'stream', stream: life.identity, open: life.disabledAtMs === null };
    },
    listShards: async ({ arn }, after) => {
      const life = lifeOf(arn);
      if (!life || isOver(life)) return { kind: 'gone' };
      const ordered = inOrder(life);
      const from = after === null ? 0 : ordered.findIndex((shard) => compareText(suffix(shard), after) > 0);
      const page: SimulatedShard[] = [];
      for (let at = from; at >= 0 && at < ordered.length && page.length < pageShards; at++) {
        if (isListed(ordered[at]!)) page.push(ordered[at]!);
      }
      const next = page.length === pageShards ? suffix(page.at(-1)!) : null;
      return { kind: 'page', shards: page.map(listed), next, open: life.disabledAtMs === null };
    },
    childrenOf: async ({ arn }, shardId) => {
      const life = lifeOf(arn);
      if (!tellsChildren || !life) return { kind: 'unsupported' };
      const children = visible(life).filter((shard) => shard.parents.includes(shardId));
      return { kind: 'children', shards: random.shuffled(children).map(listed) };
    },
    open: async ({ arn }, shardId, position) => {
      const shard = lifeOf(arn)?.shards.get(shardId);
      if (!shard || remains(shard).isGone) return { kind: 'gone' };
      const { trimmed, isBeginningTrimmed } = remains(shard);
      const n = recordsBefore(shard, position, trimmed);
      const isTrimmed =
        n < trimmed ||
        (position.at === 'at-sequence-number' && n === 0 && isBeginningTrimmed) ||
        (position.at === 'after-sequence-number' && n > 0 && n <= trimmed);
      if (isTrimmed && !hidesTrimmed) return { kind: 'trimmed' };
      return { kind: 'opened', iterator: text({ shardId, n, issuedAtMs: clock.nowMs(), emptyPages: emptyPages() }) };
    },
    read: async ({ arn }, iterator) => {
      const { shardId, n: from, issuedAtMs, emptyPages: left } = JSON.parse(iterator) as Iterator;
      if (clock.nowMs() - issuedAtMs > expiryMs) return { kind: 'expired' };
      const shard = lifeOf(arn)?.shards.get(shardId);
      if (!shard || remains(shard).isGone) return { kind: 'gone' };
      const { trimmed } = remains(shard);
      if (from < trimmed && !hidesTrimmed) return { kind: 'trimmed' };
      const n = Math.max(from, trimmed);
      const base = { shardId, issuedAtMs: clock.nowMs() };
      if (left > 0) {
        return { kind: 'page', records: [], next: text({ ...base, n, emptyPages: left - 1 }), ...behindAt(shard, n) };
      }
      const records: SimulatedRecord[] = shard.records.slice(n, n + pageRecords);
      const end = n + records.length;
      const isAtEnd = shard.closedAtMs !== null && end === shard.records.length;
      // The last page of a closed shard may carry records and end it, or an empty page may follow.
      const behind = behindAt(shard, end);
      if (isAtEnd && (records.length === 0 || random.chance(0.5)))
        return { kind: 'page', records, next: null, ...behind };
      const nextEmptyPages = records.length > 0 ? emptyPages() : 0;
      return { kind: 'page', records, next: text({ ...base, n: end, emptyPages: nextEmptyPages }), ...behind };
    },
  };
}

function recordsBefore(shard: SimulatedShard, position: Position, trimmed: number): number {
  if (position.at === 'trim-horizon') return trimmed;
  if (!('sequenceNumber' in position)) return shard.records.length;
  const place = BigInt(position.sequenceNumber);
  const isAfter = position.at === 'after-sequence-number';
  const index = shard.records.findIndex(({ sequenceNumber }) =>
    isAfter ? BigInt(sequenceNumber) > place : BigInt(sequenceNumber) >= place,
  );
  return index < 0 ? shard.records.length : index;
}

const text = (iterator: Iterator): string => JSON.stringify(iterator);
const suffix = (shard: SimulatedShard): string => shard.shardId.slice(-8);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
