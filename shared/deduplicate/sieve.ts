import {
  type Arrived,
  arrivedIn,
  type Deduplicate,
  judge,
  type Newest,
  type NewestStore,
  type Verdict,
} from '../core/deduplicate.ts';
import type { EventRecord } from '../core/record.ts';

const WRITES_IN_FLIGHT = 25;

/** Makes deduplication of a store; `null` keeps nothing, and lets every change through. */
export function deduplicateOf(store: () => NewestStore | null): Deduplicate {
  return {
    begin: async (records) => {
      const made = store();
      return made && sieveOf(made, records);
    },
  };
}

/**
 * Judges an event's changes in their order, each as if all before it were settled: where one is not, all behind it come
 * again, and are judged again.
 */
async function sieveOf(store: NewestStore, records: readonly EventRecord[]) {
  const arrivals = records.map(arrivedIn);
  const items = new Set(arrivals.flatMap((arrived) => (arrived === null ? [] : [arrived.item])));
  const newest = new Map<string, Newest>(items.size === 0 ? [] : await store.read([...items]));
  const steps = arrivals.map((arrived): Step => {
    if (arrived === null) return { verdict: 'deliver', arrived, newest: null };
    const [verdict, next] = judge(newest.get(arrived.item), arrived);
    newest.set(arrived.item, next);
    return { verdict, arrived, newest: verdict === 'deliver' ? next : null };
  });
  return {
    verdicts: steps.map(({ verdict }) => verdict),
    accept: (settled: number) => keepAll(store, steps.slice(0, settled)),
  };
}

interface Step {
  readonly verdict: Verdict;
  readonly arrived: Arrived | null;
  /** The newest of the item once this change is settled; `null` where the change adds nothing. */
  readonly newest: Newest | null;
}

/** Writes each item once, however many of its changes were settled. */
async function keepAll(store: NewestStore, steps: readonly Step[]) {
  const writes = new Map<string, { readonly index: number; newest: Newest }>();
  for (const [index, { arrived, newest }] of steps.entries()) {
    if (arrived === null || newest === null) continue;
    const write = writes.get(arrived.item);
    if (write) write.newest = newest;
    else writes.set(arrived.item, { index, newest });
  }
  const waiting = [...writes];
  let failed: { readonly index: number; readonly error: unknown } | null = null;
  const work = async (): Promise<void> => {
    for (let write = waiting.shift(); write !== undefined; write = waiting.shift()) {
      const [item, { index, newest }] = write;
      try {
        await store.keep(item, newest);
      } catch (error) {
        if (failed === null || index < failed.index) failed = { index, error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(WRITES_IN_FLIGHT, waiting.length) }, work));
  return failed;
}
