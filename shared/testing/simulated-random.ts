/** A stream of numbers that looks random and is the same for the same seed, on every machine. */
export interface Random {
  /** From 0 up to, and without, 1. */
  readonly next: () => number;
  /** A whole number from `min` to `max`, both included. */
  readonly whole: (min: number, max: number) => number;
  /** True with this probability, from 0 to 1. */
  readonly chance: (probability: number) => boolean;
  /** One of the list, which must not be empty. */
  readonly pick: <T>(list: readonly T[]) => T;
  /** The same members in another order. */
  readonly shuffled: <T>(list: readonly T[]) => T[];
  /** A second stream that does not notice how often this one is asked from now on. */
  readonly fork: () => Random;
}

/**
 * Makes a random stream from a whole number: an xorshift of three words with a Weyl counter.
 *
 * The first dozen results are thrown away, because small seeds differ in a few bits only.
 */
export function simulatedRandom(seed: number): Random {
  let x = seed >>> 0;
  let y = Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9;
  let z = 0x85ebca6b;
  let counter = 0;
  const word = (): number => {
    const mixed = x ^ (x << 7);
    x = y;
    y = z;
    z = z ^ (z >>> 13) ^ mixed ^ (mixed >>> 11);
    counter = (counter + 0x6d2b79f5) | 0;
    const sum = Math.imul((z + counter) ^ ((z + counter) >>> 15), 0x2c1b3c6d);
    return (sum ^ (sum >>> 12)) >>> 0;
  };
  for (let i = 0; i < 12; i++) word();

  const next = () => word() / 0x1_0000_0000;
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]) => list[whole(0, list.length - 1)] as T,
    shuffled: (list) => {
      const result = [...list];
      for (let i = result.length - 1; i > 0; i--) {
        const j = whole(0, i);
        [result[i], result[j]] = [result[j] as (typeof result)[number], result[i] as (typeof result)[number]];
      }
      return result;
    },
    fork: () => simulatedRandom(word()),
  };
}
