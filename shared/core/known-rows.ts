import type { LeaseRow } from './lease.ts';

/**
 * Takes rows as they are stored, but keeps what this walk itself has written since, or is writing: of those, only who asks
 * for them is news. Rows that were to be removed, and are, are forgotten.
 */
export function meetRows(
  known: Map<string, LeaseRow>,
  loaded: readonly LeaseRow[],
  isOurs: (shardId: string) => boolean,
): void {
  const stored = new Set(loaded.map((row) => row.shardId));
  for (const row of loaded) {
    const own = known.get(row.shardId);
    const isNewer = own !== undefined && (isOurs(row.shardId) || own.revision > row.revision);
    known.set(row.shardId, isNewer ? { ...own, claimant: row.claimant } : row);
  }
  for (const row of known.values()) {
    if (row.removeAtMs !== undefined && !stored.has(row.shardId)) known.delete(row.shardId);
  }
}
