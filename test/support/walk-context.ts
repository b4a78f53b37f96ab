import type { LeaseKey, State } from '../../shared/core/ports.ts';
import { ShardRows } from '../../shared/core/shard-rows.ts';
import type { Pointer } from '../../shared/core/subscription.ts';
import type { WalkEvent } from '../../shared/core/walk-event.ts';
import { parseWalkRequest, type WalkRequest } from '../../shared/request.ts';
import { type SimulatedClock, simulatedClock } from '../../shared/testing/simulated-clock.ts';
import { type SimulatedState, simulatedState } from '../../shared/testing/simulated-state.ts';
import { byteBudget } from '../../shared/walker/byte-budget.ts';
import type { WalkContext, WalkPorts } from '../../shared/walker/context.ts';
import { fenceOf } from '../../shared/walker/fence.ts';
import { pacer } from '../../shared/walker/pacer.ts';
import { MINUTE } from './durations.ts';

/** A walk's surroundings in memory: time that stands still, a state without faults, and what was reported. */
export interface TestWalk {
  readonly clock: SimulatedClock;
  readonly state: SimulatedState;
  readonly events: readonly WalkEvent[];
  /** The walk of an owner; `faulty` replaces calls of its state. */
  readonly context: (owner: string, faulty?: (state: State) => Partial<State>) => WalkContext;
}

export const KEY: LeaseKey = {
  subscription: 'receipts',
  generation: 1,
  stream: { arn: 'arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x', createdAtMs: 0 },
};

const POINTER: Pointer = {
  kind: 'pointer',
  revision: 0,
  generation: 1,
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  isPaused: false,
  isPreviousFree: true,
};

const request: WalkRequest = parseWalkRequest({
  format: 1,
  pipeline: 'orders',
  subscription: 'receipts',
  stateTable: 'state',
  source: { kind: 'table', tableName: 'orders', region: 'eu-west-1' },
  handler: { functionArn: 'arn:handler', timeoutMs: 1_000 },
  worker: 0,
  workers: 1,
  leaseDurationMs: MINUTE,
});

/** A stream's first generation, at the epoch. */
export async function aWalk(): Promise<TestWalk> {
  const clock = simulatedClock(0);
  const state = simulatedState({ clock });
  const events: WalkEvent[] = [];
  await state.putControl(KEY.subscription, POINTER, null);
  const context = (owner: string, faulty: (state: State) => Partial<State> = () => ({})): WalkContext => {
    const ports: WalkPorts = {
      source: unused('source'),
      sink: unused('sink'),
      state: { ...state, ...faulty(state) },
      clock,
      report: (event: WalkEvent) => void events.push(event),
      random: () => 1,
      newId: () => owner,
    };
    const readPointer = () => ports.state.pointer(KEY.subscription);
    const fencePorts = { clock, random: () => 1, readPointer, onFailure: () => undefined };
    return {
      request,
      ports,
      owner,
      pointer: POINTER,
      key: KEY,
      fence: fenceOf(POINTER, fencePorts, new AbortController().signal),
      budget: byteBudget(1_000_000),
      pacer: pacer(clock, 500),
      rows: new ShardRows(),
      listing: { atMs: 0 },
      beganAtMs: 0,
      rest: { untilMs: 0 },
    };
  };
  return { clock, state, events, context };
}

/** A port that a test does not need: any use of it fails. */
const unused = <Port extends object>(name: string): Port =>
  new Proxy({} as Port, {
    get: () => {
      throw new Error(`this test has no ${name}`);
    },
  });
