import type { ParkingStore } from '../../../shared/core/parking.ts';
import { type SimulatedClock, simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { type SimulatedParking, simulatedParking } from '../../../shared/testing/simulated-parking.ts';
import { type Random, simulatedRandom } from '../../../shared/testing/simulated-random.ts';
import { type SimulatedStream, simulatedStream } from '../../../shared/testing/simulated-stream.ts';
import { NO_TRACE, type Trace, traceTo } from '../simulation/trace.ts';
import { type Ledger, ledgerOf } from './ledger.ts';
import type { Faults, Scenario } from './scenario.ts';

/** Changes the store, to turn one of its protections off. */
export type Sabotage = (store: ParkingStore) => ParkingStore;

/** What goes wrong with one call to the store. */
export type SingleFault = 'fails' | 'fails although done' | 'dies before' | 'dies after';

/** All that exists once in a simulation. */
export interface ParkingWorld {
  /** What goes wrong with the call to the store that is made now, which is counted. */
  readonly faultOfCall: () => SingleFault | null;
  readonly calls: () => number;
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly startMs: number;
  readonly random: Random;
  readonly stream: SimulatedStream;
  readonly store: ParkingStore;
  readonly parked: SimulatedParking['parked'];
  readonly ledger: Ledger;
  readonly isCalm: () => boolean;
  /** The rates of the faults now: none once it is calm. */
  readonly faults: () => Faults;
  readonly trace: Trace;
}

const NO_FAULTS: Faults = {
  storeFails: 0,
  storeAmbiguous: 0,
  storeLate: 0,
  storeSlow: 0,
  crash: 0,
  flaky: 0,
  hang: 0,
  lostAnswer: 0,
  replay: 0,
};

export interface WorldOptions {
  readonly sabotage?: Sabotage;
  /** Filled with lines that a person can follow. */
  readonly trace?: string[];
  /** The one call to the store, counted from 1, that goes wrong beside those that the scenario draws. */
  readonly fault?: { readonly call: number; readonly kind: SingleFault };
}

export function worldOf(scenario: Scenario, options: WorldOptions): ParkingWorld {
  const { sabotage = (store: ParkingStore) => store, trace: lines, fault } = options;
  const clock = simulatedClock();
  const startMs = clock.nowMs();
  const random = simulatedRandom(scenario.seed).fork();
  const ledger = ledgerOf();
  const parking = simulatedParking();
  let calls = 0;
  const trace = lines ? traceTo(lines, clock) : NO_TRACE;
  const isCalm = () => clock.nowMs() >= startMs + scenario.calmAtMs;
  const store: ParkingStore = {
    ...parking,
    park: async (previous, next, change) => {
      const waits = parking.parked().find(({ marker }) => marker.item === next.item)?.changes ?? [];
      const isTwice = waits.some(({ record }) => record.eventID === change.record.eventID);
      const isParked = await sabotaged.park(previous, next, change);
      if (isParked && isTwice) {
        ledger.violations.push({ invariant: 'queue', message: `${change.record.eventID} waits twice` });
      }
      return isParked;
    },
  };
  const sabotaged = sabotage(parking);
  return {
    faultOfCall: () => (++calls === fault?.call ? fault.kind : null),
    calls: () => calls,
    scenario,
    clock,
    startMs,
    random,
    stream: simulatedStream({ clock, random, shards: scenario.shards, firstSequenceNumber: '99999999999999999990000' }),
    store: { ...sabotaged, park: store.park },
    parked: parking.parked,
    ledger,
    isCalm,
    faults: () => (isCalm() ? NO_FAULTS : scenario.faults),
    trace,
  };
}
