import type { ParkingLimits } from '../../../shared/core/parking-limits.ts';
import { type Random, simulatedRandom } from '../../../shared/testing/simulated-random.ts';

const SECOND = 1_000;

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Probabilities from 0 to 1. */
export interface Faults {
  /** Of one call to the store: it fails and has not taken place. */
  readonly storeFails: number;
  /** It fails for its caller, but took place. */
  readonly storeAmbiguous: number;
  /** It fails for its caller, and takes place up to half a minute later. */
  readonly storeLate: number;
  readonly storeSlow: number;
  /** The process dies at this call. */
  readonly crash: number;
  /** Of one call of the user's function. */
  readonly flaky: number;
  readonly hang: number;
  /** Of one invocation: its answer is lost, and the records come again. */
  readonly lostAnswer: number;
  /** Of one batch: the position goes back to some records before it. */
  readonly replay: number;
}

/** All that a seed decides. All moments count from the beginning. */
export interface Scenario {
  readonly seed: number;
  readonly shards: number;
  readonly items: number;
  readonly writeEveryMs: number;
  readonly batchSize: number;
  /** Invocations of one shard at once, each with its own items. */
  readonly parallelizationFactor: number;
  readonly concurrency: number;
  /** What the user's functions are for: each change, all of a batch, or all of an item. */
  readonly grouping: 'each' | 'batch' | 'batchPerItem';
  readonly timeoutMs: number;
  readonly recordMs: number;
  readonly skewMs: number;
  readonly limits: ParkingLimits;
  /** When the function cannot take an item's changes. */
  readonly poison: ReadonlyMap<string, readonly Span[]>;
  /** When it can take nothing, and whether its errors say so. */
  readonly outages: readonly (Span & { readonly isMarked: boolean })[];
  readonly redriveEveryMs: number;
  /** 0: never. */
  readonly discardEveryMs: number;
  readonly incidents: readonly { readonly atMs: number; readonly what: 'roll' | 'split' | 'new-stream' }[];
  readonly faults: Faults;
  /** From here on nothing is written, and nothing fails. */
  readonly calmAtMs: number;
  readonly endAtMs: number;
}

const WORST: Faults = {
  storeFails: 0.1,
  storeAmbiguous: 0.1,
  storeLate: 0.05,
  storeSlow: 0.1,
  crash: 0.03,
  flaky: 0.3,
  hang: 0.05,
  lostAnswer: 0.2,
  replay: 0.1,
};

/** Draws a scenario: each kind of trouble is on in some seeds and off in others, so that none hides another. */
export function scenarioOf(seed: number): Scenario {
  const random = simulatedRandom(seed);
  const { chance, pick, whole } = random;
  const chaosMs = whole(60, 240) * SECOND;
  const items = whole(1, 8);
  const worst = Object.entries(WORST).map(([name, rate]) => [name, chance(0.4) ? rate * pick([0.2, 0.5, 1]) : 0]);
  return {
    seed,
    shards: whole(1, 2),
    items,
    writeEveryMs: pick([300, 1_000, 3_000]),
    batchSize: pick([1, 3, 10, 50]),
    parallelizationFactor: pick([1, 1, 2, 3]),
    concurrency: pick([1, 1, 4]),
    grouping: pick(['each', 'each', 'batch', 'batchPerItem'] as const),
    timeoutMs: pick([5, 15, 30]) * SECOND,
    recordMs: pick([0, 5, 50, 400]),
    skewMs: chance(0.5) ? 2 * SECOND : 0,
    limits: { attempts: pick([1, 2, 3]), stopAfter: pick([1, 3, 10]), timeShare: pick([0.2, 0.5, 1]) },
    poison: new Map(
      Array.from({ length: items }, (_, index) => [`item-${index + 1}`, chance(0.6) ? spans(random, chaosMs) : []]),
    ),
    outages: chance(0.3) ? spans(random, chaosMs).map((span) => ({ ...span, isMarked: chance(0.5) })) : [],
    redriveEveryMs: pick([3, 10, 40]) * SECOND,
    discardEveryMs: chance(0.2) ? 40 * SECOND : 0,
    incidents: Array.from({ length: whole(0, 4) }, () => ({
      atMs: whole(0, chaosMs),
      what: pick(['roll', 'roll', 'split', 'new-stream'] as const),
    })),
    faults: Object.fromEntries(worst) as Faults,
    calmAtMs: chaosMs,
    endAtMs: chaosMs + 3_600 * SECOND,
  };
}

function spans({ whole }: Random, chaosMs: number): readonly Span[] {
  return Array.from({ length: whole(1, 3) }, () => {
    const fromMs = whole(0, chaosMs);
    return { fromMs, untilMs: fromMs + whole(1, 90) * SECOND };
  });
}
