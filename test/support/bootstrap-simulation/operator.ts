import { hasRun } from '../../../shared/core/run.ts';
import { setPaused } from '../../../shared/operations/pause.ts';
import { rewind } from '../../../shared/operations/rewind.ts';
import { cancelRun, requestRun } from '../../../shared/operations/run-request.ts';
import type { BootstrapScenario, RunIncident } from './scenario.ts';
import type { BootstrapWorld } from './world.ts';

/** What operators have done that the end has to allow for. */
export interface Operator {
  /** Whether the requests have their bootstrap now. */
  readonly hasBootstrap: () => boolean;
  /** Whether changes were skipped: a sink that does not sweep keeps what was deleted meanwhile. */
  readonly hasSkipped: () => boolean;
  /** Whether a run is still to be asked for. */
  readonly isBusy: () => boolean;
}

const AGAIN_MS = 5_000;
const WAIT_MS = 60_000;

/** Lets the table and the operators do what the scenario says. Once it is calm, what was missed is repaired by a run. */
export function scheduleIncidents(world: BootstrapWorld, { incidents, base }: BootstrapScenario): Operator {
  const { clock, stream, random, trace } = world;
  const { subscription } = base.request;
  let hasBootstrap = true;
  let hasSkipped = false;
  let isRepairDue = false;
  let busy = 0;

  const skip = async (): Promise<void> => {
    hasSkipped = true;
    isRepairDue = true;
    await setPaused(world, subscription, true);
    const start = { at: 'latest', momentMs: Math.floor(clock.nowMs() / 1_000) * 1_000 - 5_000 } as const;
    const { kind } = await rewind(world, subscription, { start }, { waitMs: WAIT_MS });
    trace(() => `the operator's rewind is ${kind}`);
    await setPaused(world, subscription, false);
  };
  const dropTable = (): void => {
    const phase = world.ledger.pointer()?.phase;
    stream.dropTable();
    hasSkipped = true;
    // A run that goes on gives way to one of the new table; where none does, the sinks keep what the old one had.
    const isOver = phase !== undefined && !hasRun(phase);
    isRepairDue ||= isOver || (phase?.isRunDone === false && !world.deliveries.dropped(phase.run));
  };
  const createTable = (): void => {
    stream.createTable();
    world.tables.push({ createdAtMs: clock.nowMs(), writes: new Set() });
  };
  const happen = async (what: RunIncident['what']): Promise<void> => {
    const open = stream.openShards();
    switch (what) {
      case 'roll':
        return open.length > 0 ? stream.roll(random.pick(open).shardId) : undefined;
      case 'split':
        return open.length > 0 && open.length < 4 ? stream.split(random.pick(open).shardId) : undefined;
      case 'stream-off':
        // What is written while it is off is in no stream.
        hasSkipped = true;
        isRepairDue = true;
        return stream.live() ? stream.disable() : undefined;
      case 'stream-on':
        return stream.live() || !stream.tableExists() ? undefined : stream.enable();
      case 'drop-table':
        return stream.tableExists() ? dropTable() : undefined;
      case 'create-table':
        return stream.tableExists() ? undefined : createTable();
      case 'repair':
        return void (await requestRun(world, subscription));
      case 'cancel':
        isRepairDue ||= (await cancelRun(world, subscription)).kind === 'done';
        return;
      case 'skip':
        return skip();
      case 'withdraw':
      case 'restore':
        hasBootstrap = what === 'restore';
    }
  };
  const during = async (work: Promise<void>): Promise<void> => {
    busy++;
    await work;
    busy--;
  };
  const repair = async (): Promise<void> => {
    const { kind } = await requestRun(world, subscription);
    trace(() => `the operator asks for a run: ${kind}`);
    if (kind === 'done') return;
    await clock.sleep(AGAIN_MS);
    await repair();
  };

  for (const { atMs, what } of incidents) {
    clock.after(atMs, () => {
      trace(() => `INCIDENT: ${what}`);
      void during(happen(what));
    });
  }
  clock.after(base.calmAtMs, () => {
    trace(() => 'it is CALM from now on');
    hasBootstrap = true;
    if (!stream.tableExists()) createTable();
    if (!stream.live()) stream.enable();
    if (isRepairDue) void during(repair());
  });
  return { hasBootstrap: () => hasBootstrap, hasSkipped: () => hasSkipped, isBusy: () => busy > 0 };
}
