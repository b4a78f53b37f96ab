import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { Batch, Delivery } from '../../../shared/core/ports.ts';
import type { StreamEventRecord } from '../../../shared/core/record.ts';
import { type SimulatedClock, simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { type Random, simulatedRandom } from '../../../shared/testing/simulated-random.ts';
import { type SimulatedSource, simulatedSource } from '../../../shared/testing/simulated-source.ts';
import { type SimulatedState, simulatedState } from '../../../shared/testing/simulated-state.ts';
import { type SimulatedStream, simulatedStream } from '../../../shared/testing/simulated-stream.ts';
import { type Deliveries, type DeliveryTruth, deliveriesOf } from './check-deliveries.ts';
import { checkGap } from './check-gaps.ts';
import { checkControl, checkLease } from './check-leases.ts';
import { type FaultRates, NO_FAULTS } from './fault-rates.ts';
import { type Ledger, ledgerOf } from './ledger.ts';
import type { Process } from './process.ts';
import { type Readers, readersOf } from './readers.ts';
import type { Outage, Scenario } from './scenario.ts';
import { scriptedFunction } from './scripted-function.ts';
import type { Trace } from './trace.ts';

/** All that exists once in a simulation: the table, the state, the function, and the truth about them. */
export interface World {
  readonly clock: SimulatedClock;
  readonly startMs: number;
  readonly random: Random;
  readonly stream: SimulatedStream;
  readonly source: SimulatedSource;
  readonly state: SimulatedState;
  readonly ledger: Ledger;
  readonly deliveries: Deliveries;
  readonly readers: Readers;
  /** The worker of every walk, by the ids that the walk has drawn. */
  readonly workerOf: Map<string, number>;
  readonly trace: Trace;
  readonly timeoutMs: number;
  /** The rates of the faults now: none once it is calm. */
  readonly rates: () => FaultRates;
  readonly isCalm: () => boolean;
  /** The outage that is going on now. */
  readonly outage: () => Outage | null;
  readonly flicker: () => number;
  /** Counts a fault. */
  readonly fault: () => void;
  readonly faults: () => number;
  /** Runs a call to the state in the name of a process. */
  readonly as: <T>(process: Process | null, effect: () => Promise<T>) => Promise<T>;
  /** Runs the function. */
  readonly invoke: (batch: Batch, truth: DeliveryTruth) => Promise<Delivery>;
}

export function worldOf(scenario: Scenario, trace: (clock: SimulatedClock) => Trace): World {
  const clock = simulatedClock();
  const startMs = clock.nowMs();
  const random = simulatedRandom(scenario.seed).fork();
  const { listingLagMs, emptyPages, flicker, ...rest } = scenario.stream;
  const isCalm = () => clock.nowMs() >= startMs + scenario.calmAtMs;
  const stream = simulatedStream({
    clock,
    random,
    shards: rest.shards,
    firstSequenceNumber: rest.firstSequenceNumber,
    listingLagMs: () => (isCalm() ? 0 : random.whole(0, listingLagMs)),
  });
  const source = simulatedSource({
    ...rest,
    stream,
    clock,
    random,
    emptyPages: () => (isCalm() ? 0 : random.whole(0, emptyPages)),
  });
  const ledger = ledgerOf(clock, stream, source, (event) => !scenario.isFiltered || isOfEvenItem(event));
  const { timeoutMs } = scenario.request.handler;
  const deliveries = deliveriesOf(ledger, {
    timeoutMs,
    marginMs: scenario.request.deliveryMarginMs ?? 20_000,
    batchSize: scenario.request.batchSize ?? 100,
  });
  let actor: Process | null = null;
  let faults = 0;
  const state = simulatedState({
    clock,
    onLease: (write) => checkLease(ledger, deliveries, actor, write),
    onControl: (_subscription, previous, next) => checkControl(ledger, actor, previous, next),
    onGap: (_subscription, gap) => checkGap(ledger, gap),
  });
  const outage = () => {
    const sinceMs = clock.nowMs() - startMs;
    const found = scenario.outage;
    return found && sinceMs >= found.fromMs && sinceMs < found.untilMs ? found : null;
  };
  const rates = () => (isCalm() ? NO_FAULTS : outage() ? { ...scenario.faults, handlerThrows: 1 } : scenario.faults);
  const run = scriptedFunction({
    clock,
    random,
    rates,
    deliveries,
    trace: trace(clock),
    recordMs: scenario.recordMs,
    timeoutMs,
  });
  return {
    clock,
    startMs,
    random,
    stream,
    source,
    state,
    ledger,
    deliveries,
    readers: readersOf(clock),
    workerOf: new Map(),
    trace: trace(clock),
    timeoutMs,
    rates,
    isCalm,
    outage,
    flicker: () => (isCalm() ? 0 : flicker),
    fault: () => {
      faults++;
    },
    faults: () => faults,
    as: (process, effect) => {
      // The simulated state acts before its first await, so whoever calls is the actor until then.
      actor = process;
      const result = effect();
      actor = null;
      return result;
    },
    invoke: run,
  };
}

/** The filter of the seeds that have one: `item-2` passes, `item-3` does not. */
function isOfEvenItem(event: object): boolean {
  return /[02468]"$/.test(JSON.stringify((event as StreamEventRecord).dynamodb.Keys.pk).replaceAll('}', ''));
}

/** What a write changes in a lease, for the trace. */
export function changed(previous: LeaseRow, next: LeaseRow): string {
  const names = Object.keys(next) as (keyof LeaseRow)[];
  const changes = names
    .filter((name) => name !== 'shardId' && JSON.stringify(previous[name]) !== JSON.stringify(next[name]))
    .map((name) => `${name}=${JSON.stringify(next[name])}`);
  return `${next.shardId} ${changes.join(' ')}`;
}
