import type { WalkSummary } from '../../../shared/core/walk-event.ts';
import { parseWalkRequest, type WalkRequest } from '../../../shared/request.ts';
import type { SimulatedClock } from '../../../shared/testing/simulated-clock.ts';
import type { WalkLimits, WalkPorts } from '../../../shared/walker/context.ts';
import { unsettled } from './check-gaps.ts';
import { faultyDestination } from './faulty-destination.ts';
import { faultySink } from './faulty-sink.ts';
import { faultySource } from './faulty-source.ts';
import { faultyState } from './faulty-state.ts';
import { scheduleIncidents } from './incidents.ts';
import type { Violation } from './ledger.ts';
import { type Process, simulatedProcess } from './process.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { NO_TRACE, type Trace, traceTo } from './trace.ts';
import { type World, worldOf } from './world.ts';
import { scheduleWriters } from './writers.ts';

export type Walk = (request: WalkRequest, ports: WalkPorts, limits: WalkLimits) => Promise<WalkSummary>;

/** Changes the ports of a walk, to turn one of its protections off. */
export type Sabotage = (ports: WalkPorts, process: Process, world: World) => WalkPorts;

export interface SimulationOptions {
  readonly walk: Walk;
  readonly sabotage?: Sabotage;
  /** Filled with lines that a person can follow. */
  readonly trace?: string[];
  /** The scenario in place of the one that the seed draws. */
  readonly scenario?: Scenario;
  /** How far the clock of each walk is off, in place of what the seed draws. */
  readonly skewMs?: (walk: number) => number;
  /** Shown the world before anything happens in it. */
  readonly onWorld?: (world: World) => void;
}

/** What one seed came to. */
export interface SimulationResult {
  readonly seed: number;
  readonly walks: number;
  readonly records: number;
  readonly faults: number;
  readonly events: number;
  readonly violations: readonly Violation[];
}

const MINUTE_MS = 60_000;
/** The busiest seeds take a tenth of it. */
const MOST_EVENTS = 1_000_000;
const PAGE_BYTES = 64 * 1_048_576;

/** Runs one seed from its beginning to the moment when everything is settled, or has failed to be. */
export async function simulate(seed: number, options: SimulationOptions): Promise<SimulationResult> {
  const scenario = options.scenario ?? scenarioOf(seed);
  const lines = options.trace;
  const world = worldOf(scenario, (clock: SimulatedClock): Trace => (lines ? traceTo(lines, clock) : NO_TRACE));
  const { clock, startMs, ledger } = world;
  world.trace(() => JSON.stringify(scenario));
  options.onWorld?.(world);
  const records = scheduleWriters(world, scenario);
  scheduleIncidents(world, scenario);
  const walks = scheduleTicks(world, scenario, options);

  const isBroken = () => {
    if (clock.events() > MOST_EVENTS) ledger.violate('D3', `more than ${MOST_EVENTS} events: something never waits`);
    return ledger.violations.length > 0;
  };
  await clock.advanceUntil(isBroken, startMs + scenario.calmAtMs);
  const tellsGaps = scenario.request.deliver?.includes('gap') ?? false;
  const missing = () => unsettled(ledger, world.deliveries, tellsGaps);
  let lookAtMs = clock.nowMs();
  const isSettled = () => {
    if (clock.nowMs() < lookAtMs) return false;
    lookAtMs = clock.nowMs() + 1_000;
    return missing().length === 0;
  };
  await clock.advanceUntil(() => isBroken() || isSettled(), startMs + scenario.endAtMs);
  if (!isBroken()) for (const what of missing().slice(0, 5)) ledger.violate('I1', `never settled: ${what}`);
  for (const { invariant, message } of ledger.violations) world.trace(() => `VIOLATION of ${invariant}: ${message}`);
  return {
    seed,
    walks: walks(),
    records: records(),
    faults: world.faults(),
    events: clock.events(),
    violations: ledger.violations,
  };
}

/** Ticks every worker once a minute, late, twice or not at all as the seed says. The result counts the walks. */
function scheduleTicks(world: World, scenario: Scenario, options: SimulationOptions): () => number {
  const { clock, startMs, random, rates } = world;
  let walks = 0;
  const tick = (worker: number) => {
    const outage = world.outage();
    const leftMs = outage ? startMs + outage.untilMs - clock.nowMs() : 0;
    const nextMs = outage ? Math.min(outage.tickEveryMs ?? leftMs, leftMs) : MINUTE_MS;
    clock.after(nextMs, () => tick(worker));
    if (outage?.tickEveryMs === null) return;
    const { tickMissing, tickDoubled, tickLate } = rates();
    if (random.chance(tickMissing)) {
      world.fault();
      return;
    }
    const times = random.chance(tickDoubled) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const lateMs = random.chance(tickLate) ? random.whole(0, MINUTE_MS) : random.whole(0, 500);
      clock.after(lateMs, () => startWalk(world, scenario, options, worker, ++walks));
    }
    if (times > 1) world.fault();
  };
  for (let worker = 0; worker < scenario.request.workers; worker++) {
    const phaseMs = random.whole(0, 5_000);
    clock.after(phaseMs, () => tick(worker));
  }
  return () => walks;
}

function startWalk(world: World, scenario: Scenario, options: SimulationOptions, worker: number, number: number): void {
  const { clock, ledger, trace } = world;
  const random = world.random.fork();
  const drawnMs = random.whole(-scenario.skewMs, scenario.skewMs);
  const skewMs = options.skewMs?.(number) ?? drawnMs;
  const process = simulatedProcess({ name: `walk ${number} of worker ${worker}`, worker, clock, skewMs });
  const request = parseWalkRequest({ ...scenario.request, worker });
  let ids = 0;
  const plain: WalkPorts = {
    state: faultyState(world, process, random),
    source: faultySource(world, process, random),
    sink: faultySink(world, process, random),
    ...(request.onFailure && { onFailure: faultyDestination(world, process, random) }),
    clock: process.clock,
    random: random.next,
    accepts: ledger.passes,
    newId: () => {
      const id = `walk-${number}-${++ids}`;
      process.ids.add(id);
      world.workerOf.set(id, worker);
      return id;
    },
    report: (event) => {
      trace(() => `${process.name}: ${JSON.stringify(event)}`);
      if (event.kind === 'state-failed' && !event.message.includes('simulated')) {
        ledger.violate('D3', `${process.name} failed by itself in ${event.operation}: ${event.message}`);
      }
    },
  };
  const ports = options.sabotage?.(plain, process, world) ?? plain;
  // Lambda ends a function at its deadline, whatever it is doing.
  clock.after(scenario.walkMs, process.crash);
  trace(() => `${process.name} starts`);
  options.walk(request, ports, { deadlineMs: process.clock.nowMs() + scenario.walkMs, pageBytes: PAGE_BYTES }).then(
    (summary) => {
      trace(() => `${process.name} ends: ${JSON.stringify(summary)}`);
      clock.after(0, () => {
        // An Invoke whose answer never came is the one thing that may outlast a walk.
        const left = process.pending().filter((what) => !what.includes('delivery'));
        if (left.length > 0 && !process.isDead()) ledger.violate('D3', `${process.name} left behind: ${left.join()}`);
        process.crash();
      });
    },
    (error: unknown) => ledger.violate('D3', `${process.name} threw ${error instanceof Error ? error.stack : error}`),
  );
}
