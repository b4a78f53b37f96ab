import { enterSlot, hold, leave, type SlotHolder } from '../core/slot.ts';
import type { ControlRow, Slot } from '../core/subscription.ts';
import type { WalkPorts } from './context.ts';

/** A waiting tick looks this often whether the slot is free. */
const LOOK_EVERY_MS = 1_000;

type SlotPorts = Pick<WalkPorts, 'state' | 'clock' | 'report'>;

/** The slot of a walk's worker, while the walk holds it. */
export interface HeldSlot {
  /** Renews the slot where it is due; false when another walk has it. */
  readonly renew: () => Promise<boolean>;
  /** Gives the slot back; where that fails, it expires. */
  readonly release: () => Promise<void>;
}

/**
 * Takes the worker's slot: at once when it is free, after the hand-over when that is near, and not at all (`null`) when
 * another walk holds it.
 *
 * A slot only keeps walks of one worker from getting in each other's way; what they may read and write is decided by
 * the leases alone, so every failure here is safe.
 */
export async function takeSlot(
  ports: SlotPorts,
  subscription: string,
  tick: SlotHolder,
  stop: AbortSignal,
): Promise<HeldSlot | null> {
  const { state, clock } = ports;
  for (;;) {
    if (stop.aborted || clock.nowMs() >= tick.handOverAtMs) return null;
    const slot = slotIn(await state.control(subscription), tick.worker);
    const decision = enterSlot(slot, tick, clock.nowMs());
    if (decision.kind === 'leave') return null;
    if (!(await state.putControl(subscription, decision.next, slot?.revision ?? null))) continue;
    if (decision.kind === 'take') return heldSlot(ports, subscription, tick, decision.next);
    ports.report({ kind: 'slot-awaited', worker: tick.worker });
    const freed = await untilFree(ports, subscription, tick, decision.untilMs, stop);
    if (!freed) return null;
  }
}

async function untilFree(
  ports: SlotPorts,
  subscription: string,
  tick: SlotHolder,
  untilMs: number,
  stop: AbortSignal,
): Promise<boolean> {
  while (!stop.aborted && ports.clock.nowMs() <= untilMs + LOOK_EVERY_MS) {
    await ports.clock.sleep(LOOK_EVERY_MS, stop);
    const slot = slotIn(await ports.state.control(subscription), tick.worker);
    if (slot === null || slot.owner === null || slot.expiresAtMs <= ports.clock.nowMs()) return true;
  }
  return false;
}

const slotIn = (rows: readonly ControlRow[], worker: number): Slot | null =>
  rows.find((row): row is Slot => row.kind === 'slot' && row.worker === worker) ?? null;

function heldSlot(ports: SlotPorts, subscription: string, tick: SlotHolder, taken: Slot): HeldSlot {
  const { state, clock } = ports;
  let slot = taken;

  /** Writes on what is stored, as long as that is still this walk's. */
  const write = async (next: (current: Slot) => Slot): Promise<boolean> => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const wanted = next(slot);
      if (await state.putControl(subscription, wanted, slot.revision)) {
        slot = wanted;
        return true;
      }
      const current = slotIn(await state.control(subscription), tick.worker);
      if (current === null || current.owner !== tick.owner) return false;
      slot = current;
    }
    return false;
  };

  return {
    renew: async () => {
      const nowMs = clock.nowMs();
      if (slot.expiresAtMs - nowMs > (tick.durationMs * 2) / 3) return true;
      return write((current) => hold(current, tick, nowMs));
    },
    release: async () => {
      if (slot.owner === null) return;
      await write((current) => leave(current, clock.nowMs())).catch((error: unknown) => {
        ports.report({ kind: 'state-failed', operation: 'release the slot', message: String(error) });
      });
    },
  };
}
