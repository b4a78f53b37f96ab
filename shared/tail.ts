import { MillraceError } from './core/errors.ts';
import type { CurrentStream, StreamIdentity } from './core/ports.ts';
import { type Positions, positionsOf } from './core/positions-file.ts';
import type { EventRecord } from './core/record.ts';
import type { Pointer, StreamRow } from './core/subscription.ts';
import { beginTail, type TailBeginning, type TailStart, tailAt } from './core/tail-start.ts';
import { allListed } from './tail/listing.ts';
import type { TailPorts } from './tail/ports.ts';
import { gapOf } from './tail/tail-shard.ts';
import { type TailStream, tailStream } from './tail/tail-stream.ts';

export type { TailStart } from './core/tail-start.ts';
export type { TailPorts } from './tail/ports.ts';

export interface TailOptions {
  readonly start: TailStart;
  /** Whether a record is told; all are when left out. */
  readonly accepts?: (event: object) => boolean;
  /** Ends the tail. */
  readonly signal?: AbortSignal;
}

/** The changes of a table as they happen, as records of Lambda's event. */
export interface Tail {
  readonly records: () => AsyncGenerator<EventRecord, void, void>;
  /** Where the tail is: behind every change that it has told, the last one included. */
  readonly positions: () => Positions;
}

/** How often it is asked whether an ended stream has a successor, and how long a failing call is left alone. */
const LOOK_EVERY_MS = 10_000;
const RETRY_MS = 2_000;

/**
 * Follows a table's stream without leases and without any trace: parents before their children, changes of different
 * shards about in the order of time.
 *
 * A stream that was replaced is read to its end, and then its successor from its beginning, with a gap between them.
 * @throws MillraceError `invalid-request` when there is no such table or stream; `unsupported` when it may not be read.
 */
export function tail(ports: TailPorts, { start, accepts = () => true, signal = never }: TailOptions): Tail {
  const { source, clock, report } = ports;
  const startedAtMs = clock.nowMs();
  let followed: TailStream | null = null;

  const follow = (stream: StreamIdentity, beginning: TailBeginning): TailStream => {
    followed = tailStream(stream, ports, { beginning, accepts, signal });
    return followed;
  };

  const begin = async (): Promise<TailStream | null> => {
    const stream = await streamToRead(start);
    if (stream === null) return null;
    if (start.at === 'positions') return follow(stream, tailAt(start.positions, stream.arn));
    const listed = await shardsOf(stream);
    if (listed?.length === 0 && source.isOneStream) {
      throw new MillraceError('invalid-request', `there is no stream ${stream.arn}`);
    }
    return listed && follow(stream, beginTail(listed, start, clock.nowMs()));
  };

  /** The stream of the positions, or else the table's own. */
  const streamToRead = async (from: TailStart): Promise<StreamIdentity | null> => {
    const known = from.at === 'positions' ? from.positions.streams.find(({ isDrained }) => !isDrained) : undefined;
    if (known !== undefined) return { arn: known.arn, createdAtMs: known.createdAtMs };
    for (;;) {
      const current = await source.current();
      const found = streamIn(current);
      if (found !== null || signal.aborted) return found;
      await clock.sleep(RETRY_MS, signal);
    }
  };

  const streamIn = (current: CurrentStream): StreamIdentity | null => {
    if (current.kind === 'stream') return current.stream;
    if (current.kind !== 'failed') throw new MillraceError('invalid-request', current.message);
    if (current.reason === 'denied') {
      throw new MillraceError('unsupported', `the stream may not be read: ${current.message}`);
    }
    report({ kind: 'source-failed', operation: 'describe', message: current.message });
    return null;
  };

  const shardsOf = async (stream: StreamIdentity) => {
    while (!signal.aborted) {
      const listing = await allListed(stream, ports);
      if (listing !== null) return listing.shards;
      await clock.sleep(RETRY_MS, signal);
    }
    return null;
  };

  /** Waits until the table has another stream than the one that ended. */
  const successor = async (ended: StreamIdentity): Promise<StreamIdentity | null> => {
    while (!signal.aborted) {
      const current = await source.current();
      if (current.kind === 'stream' && current.stream.arn !== ended.arn) return current.stream;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    return null;
  };

  async function* records(): AsyncGenerator<EventRecord, void, void> {
    let current = await begin();
    while (current !== null) {
      yield* current.records();
      if (source.isOneStream) return;
      const stream = await successor(current.stream);
      if (stream === null) return;
      report({ kind: 'stream-replaced', arn: stream.arn });
      const listed = await shardsOf(stream);
      if (listed === null) return;
      const beginning = beginTail(listed, { at: 'trim-horizon' }, clock.nowMs());
      const [first] = beginning.rows;
      if (first !== undefined) yield gapOf(first, stream, 'stream-replaced', clock.nowMs());
      current = follow(stream, beginning);
    }
  }

  return {
    records,
    positions: () => {
      const leases = [...(followed?.rows.values() ?? [])];
      const streams = followed === null ? [] : [{ row: streamRow(followed.stream, clock.nowMs()), leases }];
      return positionsOf('tail', { ...POINTER, startedAtMs }, streams, clock.nowMs());
    },
  };
}

const never = new AbortController().signal;

const POINTER: Pointer = {
  kind: 'pointer',
  revision: 0,
  generation: 1,
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  isPaused: false,
  isPreviousFree: true,
};

const streamRow = (stream: StreamIdentity, nowMs: number): StreamRow => ({
  kind: 'stream',
  revision: 0,
  generation: 1,
  stream,
  isReplacement: false,
  isFirstListingComplete: true,
  listedAtMs: nowMs,
  isDrained: false,
});
