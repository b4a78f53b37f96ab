import type { Clock } from '../core/ports.ts';
import { type TableRow, tableKey } from '../core/table-registry.ts';
import type { WalkSummary } from '../core/walk-event.ts';
import type { Wake } from './wake.ts';

/** Tables without work are looked at again every minute, as by a schedule: all at once, so that they are idle together. */
const AGAIN_EVERY_MS = 60_000;
/** Another worker lets go of a table within seconds of learning that it is not its any more. */
const HELD_AGAIN_AFTER_MS = 5_000;
/** Where there are more tables than a worker walks at once, each has a turn of at least this long. */
const TURN_MS = 60_000;

/** The walks of a worker's tables, side by side in one process. */
export interface TableWalks {
  /** Begins the walks that are due, and stops those of tables that are not this worker's any more. */
  readonly keep: (rows: readonly TableRow[]) => void;
  /** Whether every table of this worker's has been walked, and none had anything to do. */
  readonly areIdle: () => boolean;
  /** Lets go of all tables; resolves when nothing is in flight. */
  readonly stopAll: () => Promise<void>;
}

export interface TableWalksOptions {
  readonly clock: Clock;
  readonly wake: Wake;
  /** How many are walked at once. */
  readonly most: number;
  /** Walks a table until it is idle, or the signal stops it; never rejects. */
  readonly walk: (row: TableRow, stop: AbortSignal) => Promise<WalkSummary['reason']>;
}

interface Running {
  readonly row: TableRow;
  readonly stop: AbortController;
  readonly beganAtMs: number;
}

/** No walks yet. */
export function tableWalks({ clock, wake, most, walk }: TableWalksOptions): TableWalks {
  const beganAtMs = clock.nowMs();
  const running = new Map<string, Running>();
  const done = new Map<string, Promise<void>>();
  const ended = new Map<
    string,
    { readonly reason: WalkSummary['reason']; readonly atMs: number; readonly row: TableRow }
  >();
  let assigned: ReadonlyMap<string, TableRow> = new Map();
  let isOver = false;

  const begin = (key: string, row: TableRow): void => {
    const stop = new AbortController();
    running.set(key, { row, stop, beganAtMs: clock.nowMs() });
    const end = walk(row, stop.signal).then((reason) => {
      ended.set(key, { reason, atMs: clock.nowMs(), row });
      running.delete(key);
      done.delete(key);
      wake.notify();
    });
    done.set(key, end);
  };

  /** When a table's walk is due: at once for one that never was, or that has become another thing meanwhile. */
  const dueAtMs = (key: string, row: TableRow): number => {
    const last = ended.get(key);
    if (last === undefined) return 0;
    const isUnlike = last.row.state !== row.state || last.row.stream?.arn !== row.stream?.arn;
    if (isUnlike || last.reason === 'stopped' || last.reason === 'generation-changed') return last.atMs;
    if (last.reason === 'slot-held') return last.atMs + HELD_AGAIN_AFTER_MS;
    return beganAtMs + (Math.floor((last.atMs - beganAtMs) / AGAIN_EVERY_MS) + 1) * AGAIN_EVERY_MS;
  };
  const due = (): readonly (readonly [string, TableRow])[] =>
    [...assigned]
      .filter(([key, row]) => !running.has(key) && dueAtMs(key, row) <= clock.nowMs())
      .toSorted(([a], [b]) => (ended.get(a)?.atMs ?? 0) - (ended.get(b)?.atMs ?? 0));

  /** Stops walks that have had their turn, for tables that have none. */
  const takeTurns = (waiting: number): void => {
    const old = [...running.values()]
      .filter(({ stop, beganAtMs }) => !stop.signal.aborted && clock.nowMs() - beganAtMs >= TURN_MS)
      .toSorted((a, b) => a.beganAtMs - b.beganAtMs);
    const leaving = [...running.values()].filter(({ stop }) => stop.signal.aborted).length;
    for (const { stop } of old.slice(0, Math.max(0, waiting - leaving))) stop.abort();
  };

  return {
    keep: (rows) => {
      if (isOver) return;
      assigned = new Map(rows.map((row) => [tableKey(row), row]));
      for (const [key, { row, stop }] of running) {
        const now = assigned.get(key);
        // What a table has become is told to a walk when it begins.
        if (now === undefined || now.state !== row.state) stop.abort();
      }
      const waiting = due();
      const room = Math.max(0, most - running.size);
      for (const [key, row] of waiting.slice(0, room)) begin(key, row);
      takeTurns(waiting.length - room);
    },
    areIdle: () => running.size === 0 && due().length === 0,
    stopAll: async () => {
      isOver = true;
      for (const { stop } of running.values()) stop.abort();
      await Promise.all(done.values());
    },
  };
}
