import type { Clock } from '../core/ports.ts';

/** Lets a loop wait for something to do, or for a while, whichever comes first. */
export interface Wake {
  /** Ends every wait under way. */
  readonly notify: () => void;
  readonly wait: (ms: number) => Promise<void>;
}

/** A wake on a clock; nothing of it survives a notification. */
export function wakeOn(clock: Clock): Wake {
  let waiting = new AbortController();
  return {
    notify: () => {
      const ended = waiting;
      waiting = new AbortController();
      ended.abort('ended');
    },
    wait: (ms) => clock.sleep(ms, waiting.signal),
  };
}
