import type { Newest, NewestStore } from '../../../shared/core/deduplicate.ts';

/** Keeps the newest changes in memory; `fails` says before each call whether it is refused. */
export function newestInMemory(fails: () => boolean = () => false) {
  const rows = new Map<string, Newest>();
  const refuse = (): void => {
    if (fails()) throw new Error('the store is away');
  };
  const store: NewestStore = {
    read: async (items) => {
      refuse();
      return new Map(items.flatMap((item) => (rows.has(item) ? [[item, rows.get(item)!] as const] : [])));
    },
    keep: async (item, newest) => {
      refuse();
      if ((rows.get(item)?.micros ?? 0) <= newest.micros) rows.set(item, newest);
    },
  };
  return { store, rows };
}
