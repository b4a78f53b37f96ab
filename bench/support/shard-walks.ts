import type { LeaseRow } from '../../shared/core/lease.ts';
import type { Sink, State } from '../../shared/core/ports.ts';
import { leaseItem, leaseRow, type StateItem } from '../../shared/core/state-row.ts';
import type { WalkEvent } from '../../shared/core/walk-event.ts';
import type { WalkRequestInput } from '../../shared/request.ts';
import { simulatedClock } from '../../shared/testing/simulated-clock.ts';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { simulatedSource } from '../../shared/testing/simulated-source.ts';
import { simulatedState } from '../../shared/testing/simulated-state.ts';
import { simulatedStream } from '../../shared/testing/simulated-stream.ts';
import { walk } from '../../shared/walker.ts';
import { walkRequest } from './walking.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const PAGE_BYTES = 256 * 1_048_576;
const WALK_MS = 15 * MINUTE;

/** What walks did, counted at their ports. */
export interface Counts {
  walks: number;
  stateReads: number;
  /** Rows that were read: what a bill counts. */
  rowsRead: number;
  stateWrites: number;
  pages: number;
  records: number;
}

export interface ShardWalksOptions {
  readonly shards: number;
  readonly request?: Partial<WalkRequestInput>;
  /** How long the handler takes for a batch. @default 0 */
  readonly handlerMs?: number;
}

/**
 * A simulated stream, and its walks on a clock that takes no time: a walk ticks every minute, as a schedule does, unless
 * the one before still runs.
 */
export function shardWalks({ shards, request, handlerMs = 0 }: ShardWalksOptions) {
  const clock = simulatedClock();
  const random = simulatedRandom(1);
  const stream = simulatedStream({ clock, random, shards });
  const counts: Counts = { walks: 0, stateReads: 0, rowsRead: 0, stateWrites: 0, pages: 0, records: 0 };
  const plain = simulatedSource({ stream, clock, random });
  const source = {
    ...plain,
    read: (...asked: Parameters<typeof plain.read>) => {
      counts.pages++;
      return plain.read(...asked);
    },
  };
  const arrivals = new Map<string, number>();
  const sink: Sink = {
    deliver: async ({ sequenceNumbers }) => {
      for (const sequenceNumber of sequenceNumbers) arrivals.set(sequenceNumber, clock.nowMs());
      counts.records += sequenceNumbers.length;
      if (handlerMs > 0) await clock.sleep(handlerMs);
      return { kind: 'answered', response: null };
    },
  };
  const state = counted(decoding(simulatedState({ clock })), counts);
  let id = 0;
  const pagesOf = new Map<string, number>();
  const report = (event: WalkEvent): void => {
    if (event.kind === 'page-read') pagesOf.set(event.shardId, (pagesOf.get(event.shardId) ?? 0) + 1);
  };
  const ports = { source, state, sink, clock, report, random: random.next, newId: () => `walk-${id++}` };
  const stop = new AbortController();
  const running = new Set<Promise<unknown>>();
  const tick = (): void => {
    if (stop.signal.aborted) return;
    clock.after(MINUTE, tick);
    counts.walks++;
    const limits = { deadlineMs: clock.nowMs() + WALK_MS, pageBytes: PAGE_BYTES, stop: stop.signal };
    const walking = walk(walkRequest(request), ports, limits).finally(() => running.delete(walking));
    running.add(walking);
  };
  return {
    ...{ clock, random, stream, counts, arrivals },
    /** The pages read of each shard. */
    pagesOf,
    isWalking: () => running.size > 0,
    /** Begins to tick. */
    start: tick,
    stop: async (): Promise<void> => {
      stop.abort();
      await clock.advanceBy(5 * MINUTE);
      await Promise.all(running);
    },
  };
}

/**
 * Gives leases as the state table's answer is read, so that a walk pays for decoding and checking them, and has rows of its
 * own. How the table makes its answer is not the walk's work: a row that has not changed is written down once.
 */
function decoding(state: State): State {
  const texts = new WeakMap<LeaseRow, string>();
  return {
    ...state,
    leases: async (key) =>
      (await state.leases(key)).map((row) => {
        const text = texts.get(row) ?? JSON.stringify(leaseItem(key, row));
        texts.set(row, text);
        return leaseRow(JSON.parse(text) as StateItem);
      }),
  };
}

function counted(state: State, counts: Counts): State {
  const reading =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const result = await call(...args);
      counts.stateReads++;
      counts.rowsRead += Array.isArray(result) ? result.length : 1;
      return result;
    };
  const writing =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> => {
      counts.stateWrites++;
      return call(...args);
    };
  return {
    ...state,
    control: reading(state.control),
    pointer: reading(state.pointer),
    leases: reading(state.leases),
    lease: reading(state.lease),
    putControl: writing(state.putControl),
    updateLease: writing(state.updateLease),
    finishLease: writing(state.finishLease),
    requestLease: writing(state.requestLease),
    createLeases: (key, leases) => {
      counts.stateWrites += leases.length;
      return state.createLeases(key, leases);
    },
  };
}
