import type { Lister } from '../core/subscription.ts';
import type { RegistryRow } from '../core/table-row.ts';
import type { TablesRequest } from '../request.ts';
import { becomeLister } from './lister.ts';
import type { Survey } from './table-look.ts';
import { leaveRegions, lookAgain, surveyRegion } from './table-survey.ts';
import type { TablesPorts } from './tables-context.ts';
import type { Wake } from './wake.ts';

/** Listings of a region's tables are at least a minute apart. */
const LIST_EVERY_MS = 60_000;
/** Tables that are waited for are looked at in between. */
const LOOK_EVERY_MS = 10_000;

/** Lists the tables of a pattern from time to time, beside the walks. */
export interface TableLister {
  /** Lists where that is due, unless another worker does. */
  readonly listIfDue: (rows: readonly RegistryRow[], lister: Lister | null) => void;
  /** Whether something is expected of it, so that a walk does not leave before. */
  readonly isAwaited: () => boolean;
  readonly stop: () => Promise<void>;
}

/** A lister that has listed nothing yet. */
export function tableLister(request: TablesRequest, ports: TablesPorts, owner: string, wake: Wake): TableLister {
  const { clock, report, state, registry, random } = ports;
  const { regions, include, exclude, tags, streams, viewType } = request.source;
  // Its own tables have a tag; the state table is known without one.
  const pattern = { include, exclude: [...exclude, request.stateTable], tags };
  const ended = new AbortController();
  let listing: Promise<void> | null = null;
  let attemptedAtMs = Number.NEGATIVE_INFINITY;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const list = async (rows: readonly RegistryRow[], lister: Lister | null, isWhole: boolean): Promise<void> => {
    try {
      const isOurs = await becomeLister({ state, clock, subscription: request.subscription, owner }, lister);
      if (!isOurs) return;
      const common = { ...{ pattern, registry, clock, random, report }, subscription: request.subscription };
      const survey = { ...common, wanted: { streams, viewType }, signal: ended.signal };
      const looked = regions.map((region): Promise<void> => {
        const one: Survey = { ...survey, region, finder: ports.finder(region) };
        return isWhole ? surveyRegion(one, rows) : lookAgain(one, rows);
      });
      // All of them end before any failure is told: nothing goes on behind it.
      const ends = await Promise.allSettled([...looked, isWhole && leaveRegions({ ...survey, regions }, rows)]);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    } catch (error) {
      report({ kind: 'state-failed', operation: 'list tables', message: String(error) });
    } finally {
      listing = null;
      wake.notify();
    }
  };

  return {
    listIfDue: (rows, lister) => {
      if (listing !== null || ended.signal.aborted) return;
      const nowMs = clock.nowMs();
      const surveyed = rows.filter((row) => row.kind === 'survey' && regions.includes(row.region));
      const oldest = Math.min(...surveyed.map((row) => (row.kind === 'survey' ? row.listedAtMs : 0)));
      const listedAtMs = surveyed.length < regions.length ? 0 : oldest;
      const isWhole = nowMs - Math.max(listedAtMs, attemptedAtMs) >= LIST_EVERY_MS;
      const isWaiting = rows.some((row) => row.kind === 'table' && row.state === 'waiting');
      if (!isWhole && !(isWaiting && nowMs - lookedAtMs >= LOOK_EVERY_MS)) return;
      lookedAtMs = nowMs;
      if (isWhole) attemptedAtMs = nowMs;
      listing = list(rows, lister, isWhole);
    },
    isAwaited: () => listing !== null,
    stop: async () => {
      ended.abort();
      await listing;
    },
  };
}
