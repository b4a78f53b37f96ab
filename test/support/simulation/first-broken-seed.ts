import { type SimulationOptions, simulate } from './simulation.ts';

/** The first of so many seeds in which one of these invariants is the first to break; `null` when none does. */
export async function firstSeedThatBreaks(
  invariants: readonly string[],
  seeds: number,
  options: SimulationOptions,
): Promise<number | null> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate(seed, options);
    if (violations[0] && invariants.includes(violations[0].invariant)) return seed;
  }
  return null;
}
