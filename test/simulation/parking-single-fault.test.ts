import { expect, test } from 'vitest';
import type { Scenario } from '../support/parking-simulation/scenario.ts';
import { simulateParking } from '../support/parking-simulation/simulation.ts';
import type { SingleFault } from '../support/parking-simulation/world.ts';

const SECOND = 1_000;
const KINDS: readonly SingleFault[] = ['fails', 'fails although done', 'dies before', 'dies after'];

/** Two items, of which one cannot be taken for a while, and redrives that come while its queue still grows. */
const SHORT: Scenario = {
  seed: 1,
  shards: 1,
  items: 2,
  writeEveryMs: 700,
  batchSize: 3,
  parallelizationFactor: 1,
  concurrency: 1,
  grouping: 'each',
  timeoutMs: 5 * SECOND,
  recordMs: 5,
  skewMs: 0,
  limits: { attempts: 1, stopAfter: 3, timeShare: 0.5 },
  poison: new Map([['item-1', [{ fromMs: 2 * SECOND, untilMs: 9 * SECOND }]]]),
  outages: [],
  redriveEveryMs: 4 * SECOND,
  discardEveryMs: 0,
  incidents: [],
  faults: {
    storeFails: 0,
    storeAmbiguous: 0,
    storeLate: 0,
    storeSlow: 0,
    crash: 0,
    flaky: 0,
    hang: 0,
    lostAnswer: 0,
    replay: 0,
  },
  calmAtMs: 14 * SECOND,
  endAtMs: 600 * SECOND,
};

test.each(KINDS)(
  'I6: whichever single call to the parking table goes wrong (it %s), every change is settled in order',
  async (kind) => {
    const clean = await simulateParking(1, { scenario: SHORT });
    const broken: string[] = [];
    for (let call = 1; call <= clean.calls; call += 1) {
      const { violations } = await simulateParking(1, { scenario: SHORT, fault: { call, kind } });
      for (const { invariant, message } of violations) broken.push(`call ${call}: ${invariant}: ${message}`);
    }

    expect(clean.redriven).toBeGreaterThan(3);
    expect(clean.calls).toBeGreaterThan(50);
    expect(broken).toEqual([]);
  },
  120_000,
);
