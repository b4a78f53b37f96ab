import { MillraceError } from './errors.ts';

/** What a user may set. */
export interface ParkingLimits {
  /**
   * How often a change is tried in one invocation before it is parked, with pauses of 100 ms, 200 ms, ... in between.
   * From 1 to 100.
   * @default 3
   */
  readonly attempts?: number;
  /**
   * How many different items may fail one after the other, without a success in between, and be parked. One more looks
   * like an outage: from there on nothing is parked, and the batch fails. From 1 to 1000000.
   * @default 3
   */
  readonly stopAfter?: number;
  /**
   * The part of an invocation's time that one change may take, all its attempts together, before it is parked. More than
   * 0, at most 1.
   * @default 0.5
   */
  readonly timeShare?: number;
}

/** @throws MillraceError `invalid-request` for a limit out of range. */
export function checkedLimits(given: ParkingLimits): Required<ParkingLimits> {
  const limits = { attempts: given.attempts ?? 3, stopAfter: given.stopAfter ?? 3, timeShare: given.timeShare ?? 0.5 };
  checkWhole('attempts', limits.attempts, 100);
  checkWhole('stopAfter', limits.stopAfter, 1_000_000);
  if (!(limits.timeShare > 0 && limits.timeShare <= 1)) {
    throw invalid(`timeShare must be a number above 0 and at most 1, got ${limits.timeShare}`);
  }
  return limits;
}

function checkWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw invalid(`${name} must be a whole number from 1 to ${most}, got ${value}`);
}

const invalid = (message: string) => new MillraceError('invalid-request', message);

/** How long to wait before the attempt after this one: 100 ms, doubled each time up to 2 s, half of it by chance. */
export const pauseMs = (attempt: number, random: number): number =>
  Math.min(2_000, 100 * 2 ** (attempt - 1)) * (0.5 + random / 2);
