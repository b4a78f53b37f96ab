import { hasRun } from '../../../shared/core/run.ts';
import { parseWalkRequest } from '../../../shared/request.ts';
import type { WalkPorts } from '../../../shared/walker/context.ts';
import { unsettled } from '../simulation/check-gaps.ts';
import { faultySink } from '../simulation/faulty-sink.ts';
import { faultySource } from '../simulation/faulty-source.ts';
import { faultyState } from '../simulation/faulty-state.ts';
import { type Process, simulatedProcess } from '../simulation/process.ts';
import type { SimulationResult, Walk } from '../simulation/simulation.ts';
import { NO_TRACE, traceTo } from '../simulation/trace.ts';
import { type Operator, scheduleIncidents } from './operator.ts';
import { simulatedScan } from './scan.ts';
import { type BootstrapScenario, bootstrapScenarioOf } from './scenario.ts';
import { differences } from './sinks.ts';
import { type BootstrapWorld, bootstrapWorldOf } from './world.ts';

/** Changes the ports of a walk, to turn one of its protections off. */
export type BootstrapSabotage = (ports: WalkPorts, process: Process, world: BootstrapWorld) => WalkPorts;

export interface BootstrapSimulationOptions {
  readonly walk: Walk;
  readonly sabotage?: BootstrapSabotage;
  /** Filled with lines that a person can follow. */
  readonly trace?: string[];
  /** The scenario in place of the one that the seed draws. */
  readonly scenario?: BootstrapScenario;
}

/** What one seed came to, and how far its runs. */
export interface BootstrapResult extends SimulationResult {
  /** The last run, and whether a plain sink could be held to its promise. */
  readonly run: number;
  readonly isPlainChecked: boolean;
}

const MINUTE_MS = 60_000;
const MOST_EVENTS = 1_000_000;
const PAGE_BYTES = 64 * 1_048_576;

/** I8: runs one seed until both sinks have to hold what the table holds. */
export async function simulateBootstrap(seed: number, options: BootstrapSimulationOptions): Promise<BootstrapResult> {
  const scenario = options.scenario ?? bootstrapScenarioOf(seed);
  const lines = options.trace;
  const world = bootstrapWorldOf(scenario, (clock) => (lines ? traceTo(lines, clock) : NO_TRACE));
  const { clock, startMs, ledger, deliveries } = world;
  world.trace(() => JSON.stringify(scenario));
  const records = scheduleWrites(world, scenario);
  const operator = scheduleIncidents(world, scenario);
  const { walks, processes } = scheduleTicks(world, scenario, options, operator);

  const isBroken = () => {
    if (clock.events() > MOST_EVENTS) ledger.violate('D3', `more than ${MOST_EVENTS} events: something never waits`);
    return ledger.violations.length > 0;
  };
  const missing = (): readonly string[] => {
    const pointer = ledger.pointer();
    if (!pointer?.phase || operator.isBusy()) return ['the subscription, or what its operator does'];
    const { phase } = pointer;
    if (hasRun(phase) || phase.isWithdrawn) return [`the end of run ${phase.wantedRun}, ${phase.kind} now`];
    if (deliveries.areRunning() || processes().some((process) => process.isFrozen() && !process.isDead())) {
      return ['a delivery in flight, or a frozen walk'];
    }
    return unsettled(ledger, world.deliveries, false);
  };
  await clock.advanceUntil(isBroken, startMs + scenario.base.calmAtMs + 1);
  let lookAtMs = clock.nowMs();
  const isSettled = () => {
    if (clock.nowMs() < lookAtMs) return false;
    lookAtMs = clock.nowMs() + 1_000;
    return missing().length === 0;
  };
  await clock.advanceUntil(() => isBroken() || isSettled(), startMs + scenario.base.endAtMs);
  const isPlainChecked = !deliveries.wasDelayed();
  if (!isBroken()) {
    for (const what of missing().slice(0, 5)) ledger.violate('I1', `never settled: ${what}`);
    const expected = world.expected();
    const differ = [
      ...differences('versioned', world.versioned.content(), expected),
      ...(isPlainChecked ? differences('plain', plainContent(world, operator), expected) : []),
    ];
    for (const what of differ.slice(0, 5)) ledger.violate('I8', what);
  }
  for (const { invariant, message } of ledger.violations) world.trace(() => `VIOLATION of ${invariant}: ${message}`);
  return {
    seed,
    walks: walks(),
    records: records(),
    faults: world.faults(),
    events: clock.events(),
    violations: ledger.violations,
    run: ledger.pointer()?.phase?.run ?? 0,
    isPlainChecked,
  };
}

/** What is compared of a plain sink: not what it keeps of items that were deleted while it was not told. */
function plainContent({ plain, expected }: BootstrapWorld, { hasSkipped }: Operator): ReadonlyMap<string, number> {
  if (!hasSkipped()) return plain.content();
  const inTable = expected();
  return new Map([...plain.content()].filter(([key]) => inTable.has(key)));
}

/** Fills the table, and goes on writing to it until it is calm. */
function scheduleWrites(world: BootstrapWorld, scenario: BootstrapScenario): () => number {
  const { clock, random, stream, ledger, trace, isCalm } = world;
  const { items, writeEveryMs } = scenario.base;
  let [records, writes] = [0, 0];
  const put = (key: string, isDelete: boolean) => {
    if (!stream.tableExists()) return;
    writes++;
    world.tables.at(-1)!.writes.add(writes);
    const record = isDelete ? stream.remove(key) : stream.write(key, { version: { N: String(writes) } });
    if (record === null) return;
    records++;
    ledger.recordWritten(record);
    trace(() => `${record.event.eventName} ${key} (write ${writes}) is ${record.sequenceNumber} of ${record.shardId}`);
  };
  const writeOn = () => {
    if (isCalm()) return;
    put(`item-${random.whole(1, items)}`, random.chance(scenario.deletes));
    clock.after(Math.ceil(-Math.log(1 - random.next()) * writeEveryMs), writeOn);
  };
  for (let item = 1; item <= scenario.existing; item++) put(`item-${item}`, false);
  clock.after(random.whole(0, 2_000), writeOn);
  return () => records;
}

/** Ticks every worker once a minute, late, twice or not at all as the seed says. */
function scheduleTicks(
  world: BootstrapWorld,
  scenario: BootstrapScenario,
  options: BootstrapSimulationOptions,
  operator: Operator,
) {
  const { clock, random, rates } = world;
  const processes: Process[] = [];
  const tick = (worker: number) => {
    clock.after(MINUTE_MS, () => tick(worker));
    const { tickMissing, tickDoubled, tickLate } = rates();
    if (random.chance(tickMissing)) return world.fault();
    const times = random.chance(tickDoubled) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const lateMs = random.chance(tickLate) ? random.whole(0, MINUTE_MS) : random.whole(0, 500);
      clock.after(lateMs, () => {
        const name = `walk ${processes.length + 1} of worker ${worker}`;
        processes.push(startWalk({ world, scenario, options, worker, name, hasBootstrap: operator.hasBootstrap() }));
      });
    }
  };
  for (let worker = 0; worker < scenario.base.request.workers; worker++) {
    clock.after(scenario.subscribedAtMs + random.whole(0, 1_000), () => tick(worker));
  }
  return { walks: () => processes.length, processes: () => processes };
}

interface WalkToStart {
  readonly world: BootstrapWorld;
  readonly scenario: BootstrapScenario;
  readonly options: BootstrapSimulationOptions;
  readonly worker: number;
  readonly name: string;
  readonly hasBootstrap: boolean;
}

function startWalk({ world, scenario, options, worker, name, hasBootstrap }: WalkToStart): Process {
  const { clock, ledger, trace } = world;
  const { skewMs, walkMs, request } = scenario.base;
  const random = world.random.fork();
  const process = simulatedProcess({ name, worker, clock, skewMs: random.whole(-skewMs, skewMs) });
  const { bootstrap, ...rest } = request;
  const parsed = parseWalkRequest({ ...rest, worker, ...(hasBootstrap && { bootstrap }) });
  let ids = 0;
  const plain: WalkPorts = {
    state: faultyState(world, process, random),
    source: faultySource(world, process, random),
    sink: faultySink(world, process, random),
    ...(hasBootstrap && { scan: simulatedScan(world, process, random, scenario) }),
    clock: process.clock,
    random: random.next,
    accepts: ledger.passes,
    newId: () => {
      const id = `${name}, ${++ids}`;
      process.ids.add(id);
      world.workerOf.set(id, worker);
      return id;
    },
    report: (event) => {
      trace(() => `${name}: ${JSON.stringify(event)}`);
      if (event.kind === 'state-failed' && !event.message.includes('simulated')) {
        ledger.violate('D3', `${name} failed by itself in ${event.operation}: ${event.message}`);
      }
    },
  };
  const ports = options.sabotage?.(plain, process, world) ?? plain;
  clock.after(walkMs, process.crash);
  trace(() => `${name} starts`);
  options.walk(parsed, ports, { deadlineMs: process.clock.nowMs() + walkMs, pageBytes: PAGE_BYTES }).then(
    (summary) => {
      trace(() => `${name} ends: ${JSON.stringify(summary)}`);
      clock.after(0, process.crash);
    },
    (error: unknown) => ledger.violate('D3', `${name} threw ${error instanceof Error ? error.stack : error}`),
  );
  return process;
}
