import type { LeaseRow } from './lease.ts';
import type { StreamRow } from './subscription.ts';

/** A stream that has ended is drained when its last shard has been finished this long: listings lag. */
const DRAINED_AFTER_MS = 60_000;

/** A walk's last complete listing. */
export interface LastListing {
  readonly stream: Pick<StreamRow, 'stream' | 'listedAtMs'>;
  /** Whether new shards may still appear. */
  readonly isOpen: boolean;
}

/** Whether a stream, of which every shard is finished, is read for good: no listing can show another shard of it. */
export function isOver(last: LastListing | null, rows: Iterable<LeaseRow>): boolean {
  if (last === null || last.isOpen) return false;
  const { listedAtMs, stream } = last.stream;
  if (listedAtMs - stream.createdAtMs < DRAINED_AFTER_MS) return false;
  return [...rows].every((row) => listedAtMs - (row.finishedAtMs ?? 0) >= DRAINED_AFTER_MS);
}
