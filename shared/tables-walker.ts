import type { Pointer } from './core/subscription.ts';
import { dealTables } from './core/table-deal.ts';
import { awaitsFormer, drainTable, hasReadAll, isWalked, type TableRow, tableKey } from './core/table-registry.ts';
import type { ShardFigures, WalkSummary } from './core/walk-event.ts';
import type { TablesRequest } from './request.ts';
import { byteBudget } from './walker/byte-budget.ts';
import type { WalkLimits } from './walker/context.ts';
import { currentGeneration } from './walker/generation.ts';
import { type Pacer, pacer } from './walker/pacer.ts';
import type { HeldSlot } from './walker/slot-holder.ts';
import { reasonOf, walkInSlot } from './walker/slot-walk.ts';
import { tableFigures } from './walker/table-figures.ts';
import { lifeRequest, lifeSource } from './walker/table-life.ts';
import { tableLister } from './walker/table-lister.ts';
import { write } from './walker/table-look.ts';
import { tableWalks } from './walker/table-walks.ts';
import type { TablesPorts } from './walker/tables-context.ts';
import { countOf, isFound, viewOf } from './walker/tables-view.ts';
import { wakeOn } from './walker/wake.ts';
import { walkTally } from './walker/walk-tally.ts';
import { walk } from './walker.ts';

export type { TablesPorts } from './walker/tables-context.ts';

/** How often a walk looks at its slot, the registry and the other workers. */
const REFRESH_MS = 5_000;
const LOOK_AT_MOST_EVERY_MS = 1_000;
/** How many tables one worker walks at once; further ones take turns of a minute. */
const MOST_TABLES = 200;
/** DescribeStream answers ten calls a second, account and region: a pattern's walks take half of them. */
const DESCRIBE_INTERVAL_MS = 200;

type Reason = WalkSummary['reason'];

/**
 * One walk of all tables of a pattern: finds them, and walks those that are this worker's side by side, each as a
 * subscription of its own, under the limits that they share.
 *
 * What is found, and every table's positions, are in the state alone: a walk may die after any await, run twice, or late.
 */
export async function walkTables(request: TablesRequest, ports: TablesPorts, limits: WalkLimits): Promise<WalkSummary> {
  const startedAtMs = ports.clock.nowMs();
  const tally = walkTally(ports.report);
  const counted = { ...ports, report: tally.report };
  const reason = await walkInSlot(request, counted, limits, (slot, owner, stop) =>
    walkMatching(request, counted, limits, slot, owner, stop),
  );
  const summary = tally.summary(reason, ports.clock.nowMs() - startedAtMs);
  ports.report({ kind: 'walk-ended', summary });
  return summary;
}

async function walkMatching(
  request: TablesRequest,
  ports: TablesPorts,
  limits: WalkLimits,
  slot: HeldSlot,
  owner: string,
  stop: AbortSignal,
): Promise<Reason> {
  const { clock, report } = ports;
  // A run is a table's own: the pattern itself has nothing to scan.
  const pointer = await currentGeneration({ ...request, bootstrap: undefined }, ports);
  if (!pointer.isPaused) report({ kind: 'walk-started', worker: request.worker, generation: pointer.generation });
  const wake = wakeOn(clock);
  const lister = tableLister(request, ports, owner, wake);
  const shared = sharedOf(request, ports, limits, pointer);
  const walks = tableWalks({ clock, wake, most: MOST_TABLES, walk: (row, ends) => walkTable(shared, row, ends) });
  const onStop = (): void => wake.notify();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    for (;;) {
      if (stop.aborted) return reasonOf(stop);
      const view = await viewOf(request, ports, slot).catch((error: unknown) => {
        report({ kind: 'state-failed', operation: 'refresh', message: String(error) });
        return null;
      });
      if (view !== null) {
        if (view.isPaused) {
          report({ kind: 'paused' });
          return 'paused';
        }
        if (!view.isHeld) return 'slot-held';
        shared.workers = view.workers.length;
        lister.listIfDue(view.rows, view.lister);
        const tables = view.rows.filter((row) => row.kind === 'table');
        const walked = tables.filter((row) => isWalked(row) && !awaitsFormer(row, tables, clock.nowMs()));
        const mine = dealTables(walked, request.worker, view.workers);
        const own = new Set(mine);
        for (const row of tables) if (!own.has(row)) shared.figures.forget(tableKey(row));
        walks.keep(mine);
        report({ kind: 'tables-seen', ...countOf(tables) });
        // A worker without tables is no worker that does not walk.
        if (mine.length === 0 && isFound(view.rows))
          report({ kind: 'shards-seen', activeWorkers: shared.workers, ...NO_SHARDS });
        if (!request.keepAwake && !lister.isAwaited() && walks.areIdle()) return 'idle';
      }
      // Many walks may end in one moment: a look a second is enough.
      await clock.sleep(LOOK_AT_MOST_EVERY_MS, stop);
      await wake.wait(REFRESH_MS - LOOK_AT_MOST_EVERY_MS);
    }
  } finally {
    stop.removeEventListener('abort', onStop);
    // At a hand-over the slot is free at once; what is in flight need not keep the next walk waiting.
    await Promise.all([stop.aborted && slot.release(), lister.stop(), walks.stopAll()]);
  }
}

const NO_SHARDS: ShardFigures = { openShards: 0, waitingShards: 0, finishedShards: 0, haltedShards: 0, lagMs: 0 };

/** What the walks of all tables have in common. */
interface Shared {
  readonly request: TablesRequest;
  readonly ports: TablesPorts;
  readonly limits: WalkLimits;
  readonly pattern: Pointer;
  readonly figures: ReturnType<typeof tableFigures>;
  /** What paces a region's DescribeStream calls. */
  readonly describes: ReadonlyMap<string, Pacer>;
  workers: number;
}

function sharedOf(request: TablesRequest, ports: TablesPorts, limits: WalkLimits, pattern: Pointer): Shared {
  const { source, workers } = request;
  const paced = (): Pacer => ({
    ...pacer(ports.clock, DESCRIBE_INTERVAL_MS * workers),
    // A table is one worker's, and takes itself for its only one: the calls belong to all.
    setIntervalMs: () => undefined,
  });
  const describes = new Map(source.regions.map((region) => [region, paced()]));
  const budget = byteBudget(limits.pageBytes);
  return {
    request,
    ports,
    limits: { ...limits, budget },
    pattern,
    figures: tableFigures(ports.report),
    describes,
    workers,
  };
}

/** Walks one table, and writes it down when nothing is left to be read of it. */
async function walkTable(shared: Shared, row: TableRow, stop: AbortSignal): Promise<Reason> {
  const { request, ports, figures } = shared;
  const { region, tableName } = row;
  const own = lifeRequest(request, row, shared.pattern);
  const report = figures.of(tableKey(row), `${region}/${tableName}`, () => shared.workers);
  const given = ports.table(own, row, report);
  const source = lifeSource(given.source, row, request.source, ports.finder(region).describeTable);
  const describes = shared.describes.get(region);
  const { reason } = await walk(own, { ...given, source }, { ...shared.limits, stop, ...(describes && { describes }) });
  if (reason === 'no-source' && row.state !== 'active') {
    await noteDrained(shared, own.subscription, row).catch((error: unknown) =>
      report({ kind: 'state-failed', operation: 'note a drained table', message: String(error) }),
    );
  }
  return reason;
}

async function noteDrained({ request, ports }: Shared, subscription: string, row: TableRow): Promise<void> {
  if (!hasReadAll(await ports.state.control(subscription), row)) return;
  await write({ ...ports, subscription: request.subscription }, row, drainTable(row, ports.clock.nowMs()));
}
