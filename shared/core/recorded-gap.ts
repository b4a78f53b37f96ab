import type { LeaseRow, ShardGap } from './lease.ts';
import type { GapNotice } from './record.ts';

/** Who let a halted shard go on after its gap, and when (epoch milliseconds). */
export interface Acceptance {
  readonly by: string;
  readonly atMs: number;
}

/** A gap as it is written down. */
export interface RecordedGap extends GapNotice {
  /** The latest acceptance: while nothing behind a gap is settled, its shard may be halted at it again. */
  readonly accepted?: Acceptance;
}

/** A lease whose shard is at a gap. */
export interface GapLease extends LeaseRow {
  readonly gap: ShardGap;
}

/** What is told of a shard's gap. */
export function noticeOf({ status: _status, acceptedAtMs: _acceptedAtMs, ...notice }: ShardGap): GapNotice {
  return notice;
}
