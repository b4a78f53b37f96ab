import { systemClock } from '../../../shared/clock.ts';
import type { Clock } from '../../../shared/core/ports.ts';

/** The machine's clock, made faster and put forward: so that a walk waits minutes in seconds, and comes back a day later. */
export interface QuickClock extends Clock {
  /** Puts the clock forward; waits that are under way stay as long as they were. */
  readonly putForward: (ms: number) => void;
}

/** A clock that runs `speed` times as fast as the machine's, from now on. */
export function quickClock(speed = 1): QuickClock {
  const startMs = systemClock.nowMs();
  let forwardMs = 0;
  return {
    nowMs: () => Math.floor(startMs + forwardMs + (systemClock.nowMs() - startMs) * speed),
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
    putForward: (ms) => {
      forwardMs += ms;
    },
  };
}
