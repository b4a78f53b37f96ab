import { type BatchLimits, cut } from './batch.ts';
import { afterSequenceNumber, type Position } from './position.ts';

/** A record between its page and its settlement. */
export interface WindowRecord {
  readonly sequenceNumber: string;
  readonly createdAtMs: number;
  /** The record's text in the event; empty once it needs no delivery. */
  readonly body: string;
  readonly bytes: number;
  readonly arrivedAtMs: number;
  /** The moment that reading still waits for, when this record lies before it. */
  readonly notBefore: number | undefined;
  /** Where reading goes on after the record; after its sequence number, when left out. */
  readonly position?: Position | undefined;
}

interface Entry extends Omit<WindowRecord, 'body'> {
  body: string;
  isSettled: boolean;
}

/** Records taken for one delivery, in order. */
export interface Taken {
  readonly lane: number;
  readonly records: readonly WindowRecord[];
}

/**
 * The records of one shard that have been read and are not yet all settled.
 *
 * Records of one item share a lane; each lane hands out its records in order, one delivery at a time. What may be
 * stored is the contiguous settled prefix, whatever later lanes have done.
 */
export interface RecordWindow {
  /** Adds a record that needs delivery. */
  readonly push: (record: WindowRecord, lane: number) => void;
  /** Adds a record that needs none: it was filtered, or lies before the start. */
  readonly pass: (record: WindowRecord) => void;
  /** A lane's queued records, in order, without taking them. */
  readonly queued: (lane: number) => readonly WindowRecord[];
  /** The next records of a lane, `null` when it has none or one of its deliveries is out. */
  readonly take: (lane: number, limits: BatchLimits) => Taken | null;
  /** Ends a delivery: its first `count` records are settled, the others wait at the front of their lane again. */
  readonly settle: (taken: Taken, count: number) => void;
  /** Whether a delivery's first record is the oldest unsettled one: the position waits for it. */
  readonly isHead: (taken: Taken) => boolean;
  /** How many records a lane has ready, and when the oldest of them arrived. */
  readonly ready: (lane: number) => { readonly records: number; readonly bytes: number; readonly sinceMs: number };
  /** Bytes of the records that are not settled. */
  readonly bytes: () => number;
  readonly unsettled: () => number;
  readonly inFlight: () => number;
  /** The position after the settled prefix, and its last record's time; `null` while nothing was settled. */
  readonly settledUpTo: () => { readonly position: Position; readonly createdAtMs: number } | null;
}

/** An empty window with `lanes` lanes. */
export function recordWindow(lanes: number): RecordWindow {
  let order: Entry[] = [];
  let head = 0;
  const queues: Entry[][] = Array.from({ length: lanes }, () => []);
  const queuedBytes: number[] = Array.from({ length: lanes }, () => 0);
  const out = new Set<number>();
  let bytes = 0;
  let unsettled = 0;
  let last: Entry | null = null;

  const add = (record: WindowRecord, isSettled: boolean): Entry => {
    const entry = { ...record, isSettled };
    order.push(entry);
    return entry;
  };

  const advance = (): void => {
    while (head < order.length && order[head]!.isSettled) last = order[head++]!;
    if (head > 1_000 && head * 2 > order.length) {
      order = order.slice(head);
      head = 0;
    }
  };

  return {
    push: (record, lane) => {
      queues[lane]!.push(add(record, false));
      queuedBytes[lane]! += record.bytes;
      bytes += record.bytes;
      unsettled++;
    },
    pass: (record) => {
      add({ ...record, body: '', bytes: 0 }, true);
      advance();
    },
    queued: (lane) => queues[lane]!,
    take: (lane, limits) => {
      const queue = queues[lane]!;
      if (out.has(lane) || queue.length === 0) return null;
      const candidates = queue.slice(0, limits.records);
      const records = queue.splice(
        0,
        cut(
          candidates.map((entry) => entry.bytes),
          limits,
        ),
      );
      for (const record of records) queuedBytes[lane]! -= record.bytes;
      out.add(lane);
      return { lane, records };
    },
    settle: (taken, count) => {
      const records = taken.records as readonly Entry[];
      for (const entry of records.slice(0, count)) {
        entry.isSettled = true;
        // A settled record may stay in line for long, and its text with it.
        entry.body = '';
        bytes -= entry.bytes;
        unsettled--;
      }
      const rest = records.slice(count);
      queues[taken.lane]!.unshift(...rest);
      for (const entry of rest) queuedBytes[taken.lane]! += entry.bytes;
      out.delete(taken.lane);
      advance();
    },
    isHead: (taken) => order[head] === taken.records[0],
    ready: (lane) => ({
      records: queues[lane]!.length,
      bytes: queuedBytes[lane]!,
      sinceMs: queues[lane]![0]?.arrivedAtMs ?? 0,
    }),
    bytes: () => bytes,
    unsettled: () => unsettled,
    inFlight: () => out.size,
    settledUpTo: () =>
      last && {
        position: last.position ?? afterSequenceNumber(last.sequenceNumber, last.notBefore),
        createdAtMs: last.createdAtMs,
      },
  };
}

/** The lane of an item: the same for all its changes. FNV-1a, which spreads short keys well. */
export function laneOf(itemKey: string, lanes: number): number {
  if (lanes === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < itemKey.length; index++) {
    hash = Math.imul(hash ^ itemKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % lanes;
}
