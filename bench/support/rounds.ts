import { type Figure, figureOf } from './figure.ts';

/** Measures one contender once; what it returns counts, whatever else it takes. */
export type Measured = () => Promise<number> | number;

export interface Rounds {
  /** Alternating rounds that count. @default 5 */
  readonly rounds?: number;
  /** Rounds before them, for compilers and connections. @default 1 */
  readonly warmUp?: number;
}

/**
 * Measures contenders by turns, round after round, and begins each round with another one: so whatever else the machine
 * does meets all of them alike.
 */
export async function alternate<Name extends string>(
  contenders: Readonly<Record<Name, Measured>>,
  { rounds = 5, warmUp = 1 }: Rounds = {},
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(contenders) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + warmUp) % names.length]!;
      const value = await contenders[name]();
      if (round >= 0) measured[name].push(value);
    }
  }
  return measured;
}

/** One contender against another, round by round: what disturbs a round disturbs both sides of its ratio. */
export const ratioOf = (some: readonly number[], others: readonly number[]): Figure =>
  figureOf(some.map((value, round) => value / others[round]!));

/** The processor time (milliseconds, user and system, all threads of this process) that some work takes. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The time (milliseconds) that some work takes. */
export async function wallMs(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
