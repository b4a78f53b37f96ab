import type { Clock } from '../core/ports.ts';

/** A clock that stands still until it is told to move, and then moves from one event to the next, in whole milliseconds. */
export interface SimulatedClock extends Clock {
  /** Runs `action` once, `delayMs` from now, in the order of due times; call the result to drop it. */
  readonly after: (delayMs: number, action: () => void) => () => void;
  /** Runs everything that is due up to and including this moment, letting all promises settle in between. */
  readonly advanceTo: (momentMs: number) => Promise<void>;
  readonly advanceBy: (ms: number) => Promise<void>;
  /** Runs event after event until the condition holds (true) or the moment is reached (false). */
  readonly advanceUntil: (condition: () => boolean, momentMs: number) => Promise<boolean>;
  /** How many sleeps and other events are waiting. */
  readonly pending: () => number;
  /** How many events have run. */
  readonly events: () => number;
}

interface Timer {
  readonly dueMs: number;
  /** Events due at the same moment run in the order in which they were asked for. */
  readonly order: number;
  readonly action: () => void;
  isDropped: boolean;
}

/** @param startMs where the clock stands at first, epoch milliseconds. @default 2026-01-01T00:00:00Z */
export function simulatedClock(startMs = Date.UTC(2026, 0, 1)): SimulatedClock {
  const heap: Timer[] = [];
  let nowMs = startMs;
  let order = 0;
  let events = 0;
  let dropped = 0;

  const after = (delayMs: number, action: () => void) => {
    const timer: Timer = { dueMs: nowMs + Math.max(0, Math.ceil(delayMs)), order: order++, action, isDropped: false };
    push(heap, timer);
    return () => {
      if (!timer.isDropped) dropped++;
      timer.isDropped = true;
    };
  };

  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      const drop = after(ms, () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      });
      const wake = () => {
        drop();
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });

  const advanceUntil = async (condition: () => boolean, momentMs: number) => {
    await settled();
    for (;;) {
      if (condition()) return true;
      const timer = heap[0];
      if (!timer || timer.dueMs > momentMs) break;
      pop(heap);
      if (timer.isDropped) {
        dropped--;
        continue;
      }
      timer.isDropped = true;
      nowMs = timer.dueMs;
      events++;
      timer.action();
      await settled();
    }
    nowMs = Math.max(nowMs, momentMs);
    return condition();
  };

  const advanceTo = async (momentMs: number) => {
    await advanceUntil(() => false, momentMs);
  };
  return {
    nowMs: () => nowMs,
    sleep,
    after,
    advanceTo,
    advanceBy: (ms) => advanceTo(nowMs + ms),
    advanceUntil,
    pending: () => heap.length - dropped,
    events: () => events,
  };
}

/** Node runs a tick only when no promise job is left, so this resolves when all of them have settled. */
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve));

const isBefore = (a: Timer, b: Timer) => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

function push(heap: Timer[], timer: Timer): void {
  let child = heap.push(timer) - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (isBefore(heap[parent] as Timer, timer)) break;
    heap[child] = heap[parent] as Timer;
    child = parent;
  }
  heap[child] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop() as Timer;
  if (heap.length === 0) return;
  let parent = 0;
  for (;;) {
    let child = parent * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
    if (isBefore(last, heap[child] as Timer)) break;
    heap[parent] = heap[child] as Timer;
    parent = child;
  }
  heap[parent] = last;
}
