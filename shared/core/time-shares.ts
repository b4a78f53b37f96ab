/** How the time of one invocation is dealt out. */
export interface TimeShares {
  /** What one change may take. */
  readonly changeMs: number;
  /** What is kept at the end for the answer, and for parking: no change should go on into it. */
  readonly reserveMs: number;
}

const MOST_RESERVE_MS = 3_000;

/** @param totalMs what was left of the invocation at its beginning. */
export function timeShares(totalMs: number, timeShare: number): TimeShares {
  if (totalMs === Number.POSITIVE_INFINITY) return { changeMs: totalMs, reserveMs: 0 };
  const reserveMs = Math.min(MOST_RESERVE_MS, totalMs / 5);
  return { changeMs: (totalMs - reserveMs) * timeShare, reserveMs };
}
