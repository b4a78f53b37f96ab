import type { Slot } from './subscription.ts';

/** A tick that arrives this shortly before the hand-over waits for it: the schedule's minute, its minute of lateness, and ten seconds. */
export const HAND_OVER_WINDOW_MS = 130_000;

export type SlotDecision =
  /** The slot is free: write this to hold it. */
  | { readonly kind: 'take'; readonly next: Slot }
  /** The slot is handed over soon: write this, then wait for it. */
  | { readonly kind: 'wait'; readonly next: Slot; readonly untilMs: number }
  | { readonly kind: 'leave' };

/** What a tick does about its worker's slot. */
export function enterSlot(slot: Slot | null, tick: SlotHolder, nowMs: number): SlotDecision {
  if (slot === null || slot.owner === null || slot.expiresAtMs <= nowMs) {
    return { kind: 'take', next: hold(slot, tick, nowMs) };
  }
  if (slot.handOverAtMs - nowMs > HAND_OVER_WINDOW_MS) return { kind: 'leave' };
  const untilMs = slot.handOverAtMs + tick.durationMs;
  const isAwaited = slot.waiter !== null && slot.waiter !== tick.owner && slot.waiterUntilMs > nowMs;
  if (isAwaited) return { kind: 'leave' };
  return {
    kind: 'wait',
    untilMs,
    next: { ...slot, waiter: tick.owner, waiterUntilMs: untilMs, revision: slot.revision + 1 },
  };
}

/** The walk that a tick would begin. */
export interface SlotHolder {
  readonly worker: number;
  readonly owner: string;
  readonly durationMs: number;
  readonly handOverAtMs: number;
}

/** The slot held by this walk from now on, also when it held it before. */
export function hold(slot: Slot | null, holder: SlotHolder, nowMs: number): Slot {
  return {
    kind: 'slot',
    revision: (slot?.revision ?? -1) + 1,
    worker: holder.worker,
    owner: holder.owner,
    expiresAtMs: nowMs + holder.durationMs,
    handOverAtMs: holder.handOverAtMs,
    waiter: slot?.owner === holder.owner ? slot.waiter : null,
    waiterUntilMs: slot?.owner === holder.owner ? slot.waiterUntilMs : 0,
    lastSeenAtMs: nowMs,
  };
}

/** The slot given back. Its worker still counts as active for two ticks. */
export function leave(slot: Slot, nowMs: number): Slot {
  return { ...slot, revision: slot.revision + 1, owner: null, expiresAtMs: 0, handOverAtMs: 0, lastSeenAtMs: nowMs };
}
