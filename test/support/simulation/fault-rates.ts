import type { Random } from '../../../shared/testing/simulated-random.ts';

/** Probabilities from 0 to 1, each of one call unless it says otherwise. */
export interface FaultRates {
  /** A state call that fails and has not taken place. */
  readonly stateFails: number;
  /** A state write that fails for its caller, but took place. */
  readonly stateAmbiguous: number;
  /** A state write that fails for its caller, and takes place up to half a minute later. */
  readonly stateLate: number;
  /** A call whose answer takes up to ten seconds. */
  readonly slow: number;
  readonly sourceThrottles: number;
  readonly sourceFails: number;
  /** A source call that throws, which no port should. */
  readonly sourceThrows: number;
  /** An invocation that does not start the function. */
  readonly sinkNotStarted: number;
  /** An invocation whose answer is lost, whatever the function did. */
  readonly sinkLost: number;
  /** A walk that crashes at this call. */
  readonly crash: number;
  /** A walk that freezes at this call, for up to three minutes. */
  readonly freeze: number;
  /** Of one invocation: the handler names a record that it could not process. */
  readonly handlerPartial: number;
  readonly handlerThrows: number;
  readonly handlerSlow: number;
  /** The handler waits for ever, until its timeout. */
  readonly handlerHangs: number;
  /** Of one tick. */
  readonly tickLate: number;
  readonly tickDoubled: number;
  readonly tickMissing: number;
}

export const NO_FAULTS: FaultRates = {
  stateFails: 0,
  stateAmbiguous: 0,
  stateLate: 0,
  slow: 0,
  sourceThrottles: 0,
  sourceFails: 0,
  sourceThrows: 0,
  sinkNotStarted: 0,
  sinkLost: 0,
  crash: 0,
  freeze: 0,
  handlerPartial: 0,
  handlerThrows: 0,
  handlerSlow: 0,
  handlerHangs: 0,
  tickLate: 0,
  tickDoubled: 0,
  tickMissing: 0,
};

/** How often each fault strikes at most, where it is on at all. */
const WORST: FaultRates = {
  stateFails: 0.1,
  stateAmbiguous: 0.1,
  stateLate: 0.05,
  slow: 0.05,
  sourceThrottles: 0.2,
  sourceFails: 0.1,
  sourceThrows: 0.05,
  sinkNotStarted: 0.2,
  sinkLost: 0.2,
  crash: 0.01,
  freeze: 0.01,
  handlerPartial: 0.3,
  handlerThrows: 0.2,
  handlerSlow: 0.2,
  handlerHangs: 0.1,
  tickLate: 0.5,
  tickDoubled: 0.3,
  tickMissing: 0.3,
};

/** Each fault is on in about a third of the seeds, from rare to frequent. */
export function faultRates(random: Random): FaultRates {
  const entries = Object.entries(WORST).map(([name, worst]) => [
    name,
    random.chance(0.35) ? worst * random.pick([0.1, 0.3, 1]) : 0,
  ]);
  return Object.fromEntries(entries) as FaultRates;
}
