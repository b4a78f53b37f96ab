import { redriveEvent } from '../../../shared/core/redrive-event.ts';
import { discardParked } from '../../../shared/parking/operator.ts';
import { simulatedProcess } from '../simulation/process.ts';
import { faultyStore } from './faulty-store.ts';
import type { Violation } from './ledger.ts';
import { startMapping } from './mapping.ts';
import { type Invoke, sandboxes } from './sandboxes.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { type ParkingWorld, type WorldOptions, worldOf } from './world.ts';

export interface ParkingSimulationOptions extends WorldOptions {
  /** The scenario in place of the one that the seed draws. */
  readonly scenario?: Scenario;
}

/** What one seed came to. */
export interface ParkingSimulationResult {
  readonly seed: number;
  readonly written: number;
  readonly given: number;
  readonly redriven: number;
  /** Calls to the store. */
  readonly calls: number;
  readonly violations: readonly Violation[];
}

/** Runs one seed from its beginning to the moment when every change is settled and none is parked. */
export async function simulateParking(
  seed: number,
  options: ParkingSimulationOptions = {},
): Promise<ParkingSimulationResult> {
  const scenario = options.scenario ?? scenarioOf(seed);
  const world = worldOf(scenario, options);
  const { clock, startMs, ledger, parked, trace } = world;
  trace(() => JSON.stringify({ ...scenario, poison: [...scenario.poison] }));
  const invoke = sandboxes(world);
  scheduleWrites(world);
  scheduleIncidents(world);
  startMapping(world, invoke);
  const redriven = scheduleRedrives(world, invoke);
  scheduleDiscards(world);

  const isBroken = () => ledger.violations.length > 0;
  let lookAtMs = 0;
  const isSettled = () => {
    if (!world.isCalm() || clock.nowMs() < lookAtMs) return false;
    lookAtMs = clock.nowMs() + 500;
    return ledger.unsettled().length === 0 && parked().length === 0;
  };
  await clock.advanceUntil(() => isBroken() || isSettled(), startMs + scenario.endAtMs);
  if (!isBroken()) {
    for (const what of ledger.unsettled().slice(0, 5))
      ledger.violations.push({ invariant: 'I1', message: `never settled: ${what}` });
    for (const { marker } of parked())
      ledger.violations.push({ invariant: 'queue', message: `never freed: ${marker.item}` });
  }
  return { seed, ...ledger.counts(), redriven: redriven(), calls: world.calls(), violations: ledger.violations };
}

function scheduleWrites({ clock, random, scenario, stream, ledger, isCalm, trace }: ParkingWorld): void {
  let version = 0;
  const write = () => {
    if (isCalm()) return;
    const key = `item-${random.whole(1, scenario.items)}`;
    const record = random.chance(0.1) ? stream.remove(key) : stream.write(key, { version: { N: String(++version) } });
    if (record) {
      ledger.written(record);
      trace(() => `${key} is written: ${record.event.eventID}, ${record.sequenceNumber} of ${record.shardId}`);
    }
    clock.after(Math.ceil(-Math.log(1 - random.next()) * scenario.writeEveryMs), write);
  };
  write();
}

function scheduleIncidents({ clock, random, scenario, stream }: ParkingWorld): void {
  for (const { atMs, what } of scenario.incidents) {
    clock.after(atMs, () => {
      const shards = stream.openShards();
      if (what === 'new-stream') {
        stream.disable();
        // Two streams of a table never have the same moment in their names.
        clock.after(1, stream.enable);
      } else if (shards.length > 0) stream[what](random.pick(shards).shardId);
    });
  }
}

/** The result counts the changes that were redriven. */
function scheduleRedrives({ clock, random, scenario, isCalm }: ParkingWorld, invoke: Invoke): () => number {
  let redriven = 0;
  const tick = () => {
    clock.after(random.whole(1, 2 * scenario.redriveEveryMs), tick);
    const times = random.chance(0.3) && !isCalm() ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      void invoke('redrive', redriveEvent()).then((answer) => {
        redriven += answer?.redrive?.redriven ?? 0;
      });
    }
  };
  tick();
  return () => redriven;
}

/** An operator discards a parked item now and then, from a process that may die. */
function scheduleDiscards(world: ParkingWorld): void {
  const { clock, scenario, parked, ledger, isCalm, trace } = world;
  if (scenario.discardEveryMs === 0) return;
  let count = 0;
  const tick = () => {
    if (isCalm()) return;
    clock.after(world.random.whole(1, 2 * scenario.discardEveryMs), tick);
    const random = world.random.fork();
    const items = parked().map(({ marker }) => marker.item);
    if (items.length === 0) return;
    const process = simulatedProcess({ name: `discard ${++count}`, worker: 0, clock, skewMs: 0 });
    const store = faultyStore(world, process, random, process.crash);
    const ports = { store, clock: process.clock, newId: () => process.name, random: random.next };
    const item = random.pick(items);
    const most = random.pick([1, Number.POSITIVE_INFINITY]);
    discardParked(ports, item, most, (record) => {
      trace(() => `${process.name} DISCARDS ${record.eventID}`);
      ledger.discarded(record.eventID);
    }).catch((error: unknown) => trace(() => `${process.name} threw ${error}`));
  };
  tick();
}
