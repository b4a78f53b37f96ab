import { STREAM_RETENTION_MS } from './gap.ts';
import { keptForMs } from './operations.ts';
import type { ReadStream } from './operations-plan.ts';
import type { RecordedGap } from './recorded-gap.ts';

/** A gap as an operator sees it. Times are epoch milliseconds. */
export interface GapStatus extends RecordedGap {
  /**
   * - `halted`: its shard waits until the gap is accepted. - `undelivered`: the handler is told of it next.
   * - `reported`: its shard goes on behind it. - `past`: no shard of the current generation is at it.
   */
  readonly status: 'halted' | 'undelivered' | 'reported' | 'past';
  /** What may be lost was written after this; `null`: it is not known. */
  readonly lostAfterMs: number | null;
  /** And before this: younger changes were still there when the gap was found. `null`: it is not known. */
  readonly lostBeforeMs: number | null;
}

/** Every gap that was written down, the newest first, with what is known of how large it is. */
export function gapStatuses(recorded: readonly RecordedGap[], streams: readonly ReadStream[]): readonly GapStatus[] {
  return recorded
    .map((gap): GapStatus => {
      const stream = streams.find(({ leases }) => leases.some((row) => row.shardId === gap.shardId));
      const lease = stream?.leases.find((row) => row.gap?.id === gap.id);
      const keptMs = stream === undefined ? STREAM_RETENTION_MS : keptForMs(stream.row);
      const isTrim = gap.reason === 'trimmed' || gap.reason === 'shard-vanished';
      const isAtIt = lease?.gap?.status === 'halted' || lease?.gap?.status === 'undelivered';
      const seenMs = isAtIt ? Math.max(lease?.caughtUpAtMs ?? 0, lease?.lastRecordAtMs ?? 0) : 0;
      return {
        ...gap,
        status: lease?.gap?.status ?? 'past',
        lostAfterMs: seenMs > 0 ? seenMs : null,
        lostBeforeMs: isTrim ? gap.detectedAtMs - keptMs : null,
      };
    })
    .toSorted((a, b) => b.detectedAtMs - a.detectedAtMs || (a.id < b.id ? -1 : 1));
}
