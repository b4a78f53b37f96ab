import type { Clock } from '../core/ports.ts';

/** Spaces calls so that a budget of calls per second is kept. */
export interface Pacer {
  /** Waits for the next turn; false when the signal ended the wait. */
  readonly turn: (signal: AbortSignal) => Promise<boolean>;
  /** How long a turn that is asked for now waits (milliseconds). */
  readonly waitMs: () => number;
  readonly setIntervalMs: (intervalMs: number) => void;
}

/** A pacer that gives one turn an interval (milliseconds). */
export function pacer(clock: Clock, initialIntervalMs: number): Pacer {
  let intervalMs = initialIntervalMs;
  let nextAtMs = 0;
  return {
    turn: async (signal) => {
      const nowMs = clock.nowMs();
      const atMs = Math.max(nowMs, nextAtMs);
      nextAtMs = atMs + intervalMs;
      if (atMs > nowMs) await clock.sleep(atMs - nowMs, signal);
      return !signal.aborted;
    },
    waitMs: () => Math.max(0, nextAtMs - clock.nowMs()),
    setIntervalMs: (next) => {
      intervalMs = next;
    },
  };
}
