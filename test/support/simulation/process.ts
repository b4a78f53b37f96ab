import type { Clock } from '../../../shared/core/ports.ts';
import type { SimulatedClock } from '../../../shared/testing/simulated-clock.ts';

/** One execution of the walker's function: it can crash, freeze and wake, and its clock is off by some seconds. */
export interface Process {
  readonly name: string;
  readonly worker: number;
  readonly startedAtMs: number;
  /** The ids that this walk has drawn; its owner is one of them. */
  readonly ids: Set<string>;
  /** The clock as this walk sees it. */
  readonly clock: Clock;
  /**
   * A call over the network: `effect` takes place `beforeMs` from now, its answer arrives `afterMs` later.
   *
   * Once `isOnTheWire`, a crash or a freeze of the process does not stop the effect any more.
   */
  readonly call: <T>(what: string, effect: () => Promise<T>, trip: Trip) => Promise<T>;
  /** From now on nothing of this walk runs any more. */
  readonly crash: () => void;
  /** Nothing of this walk runs for so long; then everything that has happened meanwhile arrives at once. */
  readonly freeze: (ms: number) => void;
  readonly isDead: () => boolean;
  readonly isFrozen: () => boolean;
  /** When it last woke from a freeze; 0 if it never froze. */
  readonly wokeAtMs: () => number;
  /** The calls and sleeps that are not over. */
  readonly pending: () => readonly string[];
}

export interface Trip {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly isOnTheWire: boolean;
}

export interface ProcessOptions {
  readonly name: string;
  readonly worker: number;
  readonly clock: SimulatedClock;
  readonly skewMs: number;
}

export function simulatedProcess({ name, worker, clock, skewMs }: ProcessOptions): Process {
  let dead = false;
  let frozen = false;
  const pending = new Set<{ readonly what: string }>();
  let wokeAtMs = 0;
  const waiting: (() => void)[] = [];

  const whenRunning = (action: () => void): void => {
    if (dead) return;
    if (frozen) waiting.push(action);
    else action();
  };
  const call = <T>(what: string, effect: () => Promise<T>, { beforeMs, afterMs, isOnTheWire }: Trip): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (dead) return;
      const entry = { what };
      pending.add(entry);
      const arrive = (action: () => void) => () =>
        whenRunning(() => {
          pending.delete(entry);
          action();
        });
      const answer = (action: () => void) => {
        if (afterMs === 0) arrive(action)();
        else clock.after(afterMs, arrive(action));
      };
      const act = () => {
        effect().then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        );
      };
      if (beforeMs === 0) act();
      else clock.after(beforeMs, isOnTheWire ? act : () => whenRunning(act));
    });

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (!Number.isFinite(ms)) throw new RangeError(`a sleep must be a finite number of milliseconds, got ${ms}`);
    return new Promise<void>((resolve) => {
      if (dead) return;
      const entry = { what: `a sleep of ${ms} ms` };
      pending.add(entry);
      void clock.sleep(ms, signal).then(() =>
        whenRunning(() => {
          pending.delete(entry);
          resolve();
        }),
      );
    });
  };

  const thaw = () => {
    frozen = false;
    wokeAtMs = clock.nowMs();
    for (const action of waiting.splice(0)) whenRunning(action);
  };

  return {
    name,
    worker,
    startedAtMs: clock.nowMs(),
    ids: new Set(),
    clock: { nowMs: () => clock.nowMs() + skewMs, sleep },
    call,
    crash: () => {
      dead = true;
      waiting.length = 0;
    },
    freeze: (ms) => {
      if (dead || frozen) return;
      frozen = true;
      clock.after(ms, thaw);
    },
    isDead: () => dead,
    isFrozen: () => frozen,
    wokeAtMs: () => wokeAtMs,
    pending: () => [...pending].map(({ what }) => what),
  };
}
