import type { WalkRequestInput } from '../../../shared/request.ts';
import { type Random, simulatedRandom } from '../../../shared/testing/simulated-random.ts';
import { type FaultRates, faultRates, NO_FAULTS } from './fault-rates.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Something that happens to the table, or that an operator does, so long after the beginning. */
export interface Incident {
  readonly atMs: number;
  readonly what:
    | 'roll'
    | 'split'
    | 'merge'
    | 'disable-stream'
    | 'enable-stream'
    | 'drop-table'
    | 'create-table'
    | 'pause'
    | 'resume'
    | 'rewind-to-trim-horizon'
    | 'rewind-to-time'
    | 'rewind-to-latest';
}

/** All that a seed decides: plain data, printed when the seed fails. All moments count from the beginning. */
export interface Scenario {
  readonly seed: number;
  readonly request: Omit<WalkRequestInput, 'worker'>;
  readonly walkMs: number;
  readonly stream: {
    readonly shards: number;
    readonly firstSequenceNumber: string;
    readonly listingLagMs: number;
    readonly pageShards: number;
    readonly pageRecords: number;
    readonly iteratorExpiryMs: number;
    readonly emptyPages: number;
    readonly idsTellTime: boolean;
    readonly tellsChildren: boolean;
    readonly listedAfterTrimMs: number;
    /** Whether trimmed data is skipped silently, as Kinesis does. */
    readonly hidesTrimmed: boolean;
    /** Probability that one page of a listing leaves out a shard that opened or closed less than half a minute ago. */
    readonly flicker: number;
  };
  readonly items: number;
  /** Whether the subscription's filter passes only every other item. */
  readonly isFiltered: boolean;
  /** The mean time between two writes. */
  readonly writeEveryMs: number;
  readonly recordMs: number;
  readonly skewMs: number;
  readonly faults: FaultRates;
  readonly incidents: readonly Incident[];
  /** Workers are ticked every so often, or never, and writers are slow in between; `null` in most seeds. */
  readonly outage: Outage | null;
  /** From here on nothing fails any more, and nothing is written. */
  readonly calmAtMs: number;
  /** When everything must be settled. */
  readonly endAtMs: number;
}

export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
  /** How often workers are ticked nevertheless; the handler always fails then. */
  readonly tickEveryMs: number | null;
}

/** The 22nd digit comes after a few hundred writes at most. */
const SEQUENCE_STARTS = [
  '100000000003498069978',
  '999999999999999999000',
  '999999999999999960000',
  '99999999999999999990000',
];

/** Far from any seed: what is drawn from here on changes nothing of the rest. */
const HIDING = 1e9;

/** Draws a scenario: each kind of trouble is on in some seeds and off in others, so that none hides another. */
export function scenarioOf(seed: number): Scenario {
  const random = simulatedRandom(seed);
  const { chance, pick, whole } = random;
  const chaosMs = whole(60, 180) * SECOND;
  const outage = chance(0.2) ? outageOf(random, chaosMs) : null;
  const calmAtMs = chaosMs + (outage ? outage.untilMs - outage.fromMs : 0);
  const timeoutMs = pick([1, 2, 5, 20]) * SECOND;
  const deliveryMarginMs = pick([10, 15, 20]) * SECOND;
  const idsTellTime = chance(0.8);
  const handOverMs = timeoutMs + deliveryMarginMs;
  const batchSize = pick([1, 2, 5, 10, 100]);
  const hidesTrimmed = simulatedRandom(seed + HIDING).chance(0.25);
  return {
    seed,
    request: {
      format: 1,
      pipeline: 'pipeline',
      subscription: 'orders',
      stateTable: 'state',
      source: { kind: 'table', tableName: 'orders', region: 'eu-central-1' },
      handler: { functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:orders', timeoutMs },
      workers: pick([1, 1, 2, 2, 3, 4]),
      start: pick([
        { at: 'trim-horizon' },
        { at: 'trim-horizon' },
        { at: 'latest' },
        { at: 'time', time: timeOf(random) },
      ]),
      batchSize,
      maxBatchingWindowMs: chance(0.3) ? whole(1, 5) * SECOND : 0,
      parallelizationFactor: chance(0.4) ? whole(2, 5) : 1,
      leaseDurationMs: pick([5, 10, 20, 60]) * SECOND,
      deliveryMarginMs,
      deliver: chance(0.5) ? ['gap'] : [],
      onGap: chance(0.2) ? 'halt' : 'continue',
      keepAwake: chance(0.1),
      ...(chance(0.25) && {
        onFailure: { kind: 's3', target: 'given-up' } as const,
        retryAttempts: pick([-1, 0, 1, 3]),
        maxRecordAgeMs: pick([-1, -1, 30 * SECOND, 20 * HOUR]),
        bisectBatchOnError: chance(0.5),
      }),
    },
    // Long enough for a listing of all pages, which workers share at two calls a second.
    walkMs: handOverMs + pick([40, 60, 180]) * SECOND,
    stream: {
      shards: whole(1, 4),
      firstSequenceNumber: pick(SEQUENCE_STARTS),
      listingLagMs: chance(0.6) ? pick([1, 5, 20]) * SECOND : 0,
      pageShards: pick([3, 5, 100]),
      pageRecords: pick([1, 3, 10, 1000]),
      iteratorExpiryMs: pick([15 * MINUTE, 15 * MINUTE, 30 * SECOND]),
      emptyPages: chance(0.5) ? whole(1, 12) : 0,
      idsTellTime,
      tellsChildren: chance(0.7),
      listedAfterTrimMs: pick([0, 0, 2 * HOUR]),
      flicker: chance(0.3) ? 0.2 : 0,
      hidesTrimmed,
    },
    items: whole(1, 12),
    isFiltered: chance(0.2),
    writeEveryMs: pick([200, 500, 1_000, 3_000]),
    // A full batch fits the timeout twice: a function that never can is not the walker's to mend.
    recordMs: Math.min(pick([0, 5, 50, 200]), Math.floor(timeoutMs / batchSize / 2)),
    skewMs: chance(0.5) ? 2 * SECOND : 0,
    faults: chance(0.1) ? NO_FAULTS : faultRates(random),
    incidents: incidentsOf(random, chaosMs, outage),
    outage,
    calmAtMs,
    endAtMs: calmAtMs + 60 * MINUTE,
  };
}

function outageOf(random: Random, chaosMs: number): Outage {
  const fromMs = random.whole(0, chaosMs);
  const untilMs = fromMs + random.pick([20, 26, 29, 49]) * HOUR + random.whole(0, HOUR);
  return { fromMs, untilMs, tickEveryMs: random.chance(0.3) ? 4 * HOUR : null };
}

/** The simulation begins at the turn of 2026; a start before it finds everything, one after it waits. */
const timeOf = ({ whole }: Random): string => new Date(Date.UTC(2026, 0, 1) + whole(-60, 120) * SECOND).toISOString();

function incidentsOf(random: Random, chaosMs: number, outage: Scenario['outage']): readonly Incident[] {
  const { chance, whole } = random;
  const incidents: Incident[] = [];
  const add = (what: Incident['what'], atMs: number) => incidents.push({ what, atMs });
  for (let i = whole(0, 6); i > 0; i--)
    add(random.pick(['roll', 'split', 'roll', 'split', 'merge']), whole(0, chaosMs));
  if (outage) {
    // An open shard rolls about every four hours, even without load.
    for (let atMs = outage.fromMs + whole(0, 4 * HOUR); atMs < outage.untilMs; atMs += 4 * HOUR) add('roll', atMs);
  }
  if (chance(0.1)) {
    const [off, on] = chance(0.5)
      ? (['disable-stream', 'enable-stream'] as const)
      : (['drop-table', 'create-table'] as const);
    const atMs = whole(0, chaosMs);
    add(off, atMs);
    add(on, atMs + whole(1, 30) * SECOND);
  }
  if (chance(0.15)) {
    const atMs = whole(0, chaosMs);
    add('pause', atMs);
    add('resume', atMs + whole(1, 60) * SECOND);
  }
  if (chance(0.2)) {
    const what = random.pick(['rewind-to-trim-horizon', 'rewind-to-time', 'rewind-to-latest'] as const);
    for (let i = whole(1, 2); i > 0; i--) add(what, whole(10 * SECOND, chaosMs));
  }
  return incidents.sort((a, b) => a.atMs - b.atMs);
}
