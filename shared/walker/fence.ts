import { backoffMs } from '../core/pacing.ts';
import type { Clock } from '../core/ports.ts';
import { type Pointer, phaseOf } from '../core/subscription.ts';

/** Tells whether this walk's generation, and its phase, still count. */
export interface Fence {
  /**
   * True when, by a read begun after the call, the generation is current and not paused.
   *
   * A lease that was written first and verified then is safe to deliver under: whoever switched the generation later
   * sees the lease, and waits for it. Calls made while a read is under way share the next one.
   */
  readonly verify: () => Promise<boolean>;
  /** Aborted once the generation was seen to have changed, or to be paused. */
  readonly ended: AbortSignal;
}

/** Whether what is claimed under one pointer may be delivered under the other. */
export const isSame = (a: Pointer, b: Pointer): boolean =>
  a.generation === b.generation && phaseOf(a).epoch === phaseOf(b).epoch;

/** What a fence needs. */
export interface FencePorts {
  readonly readPointer: () => Promise<Pointer | null>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** The fence of one generation and phase. */
export function fenceOf(fenced: Pointer, ports: FencePorts, stop: AbortSignal): Fence {
  const ended = new AbortController();
  let running: Promise<boolean> | null = null;
  let queued: Promise<boolean> | null = null;

  const read = async (): Promise<boolean> => {
    for (let attempt = 0; !stop.aborted && !ended.signal.aborted; attempt++) {
      try {
        const pointer = await ports.readPointer();
        if (pointer !== null && isSame(pointer, fenced) && !pointer.isPaused) return true;
        ended.abort();
      } catch (error) {
        ports.onFailure(error);
        await ports.clock.sleep(backoffMs(attempt, 100, 5_000, ports.random), stop);
      }
    }
    return false;
  };

  const run = async (): Promise<boolean> => {
    try {
      return await read();
    } finally {
      running = null;
    }
  };

  const runNext = async (): Promise<boolean> => {
    await running;
    queued = null;
    running = run();
    return running;
  };

  return {
    ended: ended.signal,
    verify: () => {
      if (running === null && queued === null) {
        running = run();
        return running;
      }
      queued ??= runNext();
      return queued;
    },
  };
}
