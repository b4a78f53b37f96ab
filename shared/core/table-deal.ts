import { type TableRow, tableKey } from './table-registry.ts';

/**
 * The tables that one worker reads: every table goes to one of the workers, which all decide alike without asking.
 *
 * A worker that comes or goes moves the tables that it gets or had, and no other's.
 */
export function dealTables(rows: readonly TableRow[], worker: number, workers: readonly number[]): readonly TableRow[] {
  const hands = workers.includes(worker) ? workers : [...workers, worker];
  return rows.filter((row) => {
    const key = tableKey(row);
    const weights = hands.map((hand) => [weight(`${key}#${hand}`), hand] as const);
    return weights.reduce((most, one) => (one[0] > most[0] ? one : most))[1] === worker;
  });
}

/** FNV-1a, whose bits are mixed once more: its last characters alone would hardly reach the high ones. */
function weight(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
