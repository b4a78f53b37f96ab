import type { Parking, ParkingPorts } from '../core/parking.ts';
import { checkedLimits, type ParkingLimits } from '../core/parking-limits.ts';
import { guardOf } from './guard.ts';
import { redriveParked } from './redrive.ts';
import { newStreak } from './streak.ts';

/**
 * Makes parking of its ports. `null` ports park nothing: every change is tried once, and the batch fails at the first
 * that fails.
 * @throws MillraceError `invalid-request` for a limit out of range.
 */
export function parkingOf(ports: () => ParkingPorts | null, given: ParkingLimits = {}): Parking {
  const limits = checkedLimits(given);
  const streak = newStreak();
  return {
    begin: async (invocation) => {
      const made = ports();
      return made && guardOf({ ports: made, limits, streak }, invocation);
    },
    redrive: async (request, invocation, handle) => {
      const made = ports();
      if (made === null) return { redriven: 0, freed: 0, failed: [], held: 0, notParked: 0, left: 0 };
      return redriveParked({ ports: made, limits }, request, invocation, handle);
    },
  };
}
