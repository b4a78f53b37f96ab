import { type Random, simulatedRandom } from '../../../shared/testing/simulated-random.ts';
import { calmScenario } from '../simulation/calm-scenario.ts';
import { type FaultRates, faultRates, NO_FAULTS } from '../simulation/fault-rates.ts';
import type { Scenario } from '../simulation/scenario.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

/** What an operator does about runs, or that is missed, so long after the beginning. */
export interface RunIncident {
  readonly atMs: number;
  /** `skip` moves the positions to the present: the sinks miss what was not delivered. `withdraw` drops `bootstrap`. */
  readonly what:
    | 'repair'
    | 'cancel'
    | 'skip'
    | 'withdraw'
    | 'restore'
    | 'stream-off'
    | 'stream-on'
    | 'drop-table'
    | 'create-table'
    | 'roll'
    | 'split';
}

/** All that a seed decides: plain data, printed when the seed fails. All moments count from the beginning. */
export interface BootstrapScenario {
  /** The table, its stream, the walks and the faults, as in every simulation. */
  readonly base: Scenario;
  /** How many items the table has before anybody subscribes. */
  readonly existing: number;
  /** When the first walk begins at the earliest. */
  readonly subscribedAtMs: number;
  readonly deletes: number;
  readonly scan: {
    /** The table's size, from which the number of segments is chosen. */
    readonly tableBytes: number;
    readonly pageItems: number;
    /** How long the capacity bound holds a page back. */
    readonly pageMs: number;
  };
  readonly incidents: readonly RunIncident[];
}

/** Draws a scenario: short, with every kind of trouble on in some seeds and off in others. */
export function bootstrapScenarioOf(seed: number): BootstrapScenario {
  const random = simulatedRandom(seed);
  const { chance, pick, whole } = random;
  const timeoutMs = pick([1, 2, 5]) * SECOND;
  const deliveryMarginMs = 10 * SECOND;
  const chaosMs = whole(20, 90) * SECOND;
  const batchSize = pick([1, 2, 5, 100]);
  const segments = whole(1, 4);
  const isGiven = chance(0.5);
  const calm = calmScenario(
    {
      handler: { functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:orders', timeoutMs },
      workers: pick([1, 1, 2, 3]),
      start: pick([{ at: 'latest' }, { at: 'latest' }, { at: 'trim-horizon' }]),
      batchSize,
      parallelizationFactor: pick([1, 1, 3]),
      leaseDurationMs: pick([5, 10, 20]) * SECOND,
      deliveryMarginMs,
      bootstrap: { sliceMs: pick([2, 5, 10, 20, 60]) * SECOND, ...(isGiven && { segments }) },
    },
    {
      seed,
      walkMs: timeoutMs + deliveryMarginMs + pick([20, 40, 60]) * SECOND,
      items: whole(2, 24),
      isFiltered: chance(0.15),
      writeEveryMs: pick([200, 500, 1_000, 3_000]),
      recordMs: Math.min(pick([0, 5, 50]), Math.floor(timeoutMs / batchSize / 2)),
      skewMs: chance(0.5) ? 2 * SECOND : 0,
      faults: chance(0.15) ? NO_FAULTS : bootstrapFaults(random),
      calmAtMs: chaosMs,
      endAtMs: chaosMs + 30 * MINUTE,
    },
  );
  return {
    base: {
      ...calm,
      stream: {
        ...calm.stream,
        shards: whole(1, 2),
        emptyPages: chance(0.3) ? whole(1, 9) : 0,
        pageRecords: pick([1, 5, 1_000]),
        listingLagMs: chance(0.2) ? 2 * SECOND : 0,
      },
    },
    existing: whole(0, 30),
    subscribedAtMs: chance(0.3) ? 0 : whole(1, 20) * SECOND,
    deletes: pick([0.1, 0.3, 0.5]),
    scan: {
      tableBytes: segments * 1_073_741_824,
      pageItems: pick([1, 2, 5, 100]),
      pageMs: pick([0, 100, 1_000, 3_000]),
    },
    incidents: incidentsOf(random, chaosMs),
  };
}

/** Runs are short: walks die and freeze more often than in a simulation of streams alone. */
function bootstrapFaults(random: Random): FaultRates {
  const rates = faultRates(random);
  return { ...rates, crash: rates.crash * 3, freeze: rates.freeze * 3 };
}

function incidentsOf({ chance, whole, pick }: Random, chaosMs: number) {
  const incidents: RunIncident[] = [];
  const add = (what: RunIncident['what']) => incidents.push({ atMs: whole(0, chaosMs), what });
  for (let i = whole(0, 2); i > 0; i--) add(pick(['roll', 'split']));
  if (chance(0.25)) add('repair');
  if (chance(0.15)) add('skip');
  if (chance(0.15)) add('cancel');
  if (chance(0.15)) add('withdraw');
  if (chance(0.1)) add('restore');
  if (chance(0.1)) {
    const atMs = whole(0, chaosMs);
    incidents.push({ atMs, what: 'stream-off' }, { atMs: atMs + whole(1, 30_000), what: 'stream-on' });
  }
  // With one that is off in between, a stream may come and go unseen: what it had is a gap, and no run's.
  if (!incidents.some(({ what }) => what === 'stream-off') && chance(0.25)) {
    const atMs = whole(0, chaosMs);
    const createdAtMs = atMs + whole(1, pick([10, 1_000, 10_000]));
    // The stream is on from the beginning, or some time later.
    const streamOnAtMs = createdAtMs + pick([0, 0, whole(1, 5_000)]);
    incidents.push({ atMs, what: 'drop-table' }, { atMs: createdAtMs, what: 'create-table' });
    incidents.push({ atMs: streamOnAtMs, what: 'stream-on' });
  }
  return incidents.sort((a, b) => a.atMs - b.atMs);
}
