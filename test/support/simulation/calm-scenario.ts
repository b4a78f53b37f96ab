import { NO_FAULTS } from './fault-rates.ts';
import type { Scenario } from './scenario.ts';

/** A scenario in which nothing fails and nothing lags; a test changes what it is about. */
export function calmScenario(request: Partial<Scenario['request']>, changes: Partial<Scenario>): Scenario {
  return {
    seed: 1,
    request: {
      format: 1,
      pipeline: 'pipeline',
      subscription: 'orders',
      stateTable: 'state',
      source: { kind: 'table', tableName: 'orders', region: 'eu-central-1' },
      handler: { functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:orders', timeoutMs: 5_000 },
      workers: 1,
      leaseDurationMs: 20_000,
      deliveryMarginMs: 10_000,
      ...request,
    },
    walkMs: 15 * 60_000,
    stream: {
      shards: 1,
      firstSequenceNumber: '100000000000000000000',
      listingLagMs: 0,
      pageShards: 100,
      pageRecords: 1_000,
      iteratorExpiryMs: 15 * 60_000,
      emptyPages: 0,
      idsTellTime: true,
      tellsChildren: true,
      listedAfterTrimMs: 0,
      flicker: 0,
      hidesTrimmed: false,
    },
    items: 10,
    isFiltered: false,
    writeEveryMs: 1_000,
    recordMs: 1,
    skewMs: 0,
    faults: NO_FAULTS,
    incidents: [],
    outage: null,
    calmAtMs: 60_000,
    endAtMs: 20 * 60_000,
    ...changes,
  };
}
