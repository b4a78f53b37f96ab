import type { LeaseRow } from './lease.ts';
import type { ListedShard, StreamIdentity } from './ports.ts';

/** A run's scan, as a stream of its own: its segments are shards, read after the run's beginning and before its end. */
export const scanStream = (streamArn: string, run: number): StreamIdentity => ({
  arn: `scan:${streamArn}`,
  createdAtMs: run,
});

/** The stream whose table a scan reads. */
export const streamArnOf = (scan: StreamIdentity): string => scan.arn.slice('scan:'.length);

/** What one shard of a scan is. */
export type ScanPart =
  | { readonly kind: 'started' | 'complete' }
  | { readonly kind: 'segment'; readonly segment: number; readonly segments: number };

/** The shards of a scan: nothing is read before the beginning is settled, and the end comes after everything. */
export function scanShards(segments: number): readonly ListedShard[] {
  const shard = (shardId: string, parents: readonly string[]): ListedShard => ({
    shardId,
    parents,
    startingSequenceNumber: '0',
    isClosed: true,
    createdAtMs: null,
  });
  const parts = Array.from({ length: segments }, (_, segment) =>
    shard(`segment-${segment}-of-${segments}`, ['started']),
  );
  return [
    shard('started', []),
    ...parts,
    shard(
      'complete',
      parts.map(({ shardId }) => shardId),
    ),
  ];
}

/** Reads a scan's shard id. `null`: it is none. */
export function scanPart(shardId: string): ScanPart | null {
  if (shardId === 'started' || shardId === 'complete') return { kind: shardId };
  const match = /^segment-(\d+)-of-(\d+)$/.exec(shardId);
  return match && { kind: 'segment', segment: Number(match[1]), segments: Number(match[2]) };
}

/**
 * Whether everything of a scan is settled: its end is, which comes after all segments. That all known rows are at their
 * end proves nothing: a worker may have read them while another was still writing the rest.
 */
export const isScanRead = (rows: ReadonlyMap<string, LeaseRow>): boolean =>
  rows.get('complete' satisfies ScanPart['kind'])?.position.at === 'shard-end';

/** A gigabyte a segment: enough of them for many workers, few enough to have their rows in one read. */
const SEGMENT_BYTES = 1_073_741_824;
const MAX_SEGMENTS = 1_000;

/** How many segments suit a table of so many bytes. */
export const segmentsFor = (tableBytes: number): number =>
  Math.min(MAX_SEGMENTS, Math.max(1, Math.ceil(tableBytes / SEGMENT_BYTES)));

/**
 * Whether every shard has been read beyond a moment: finished, or with a record from then, or seen without unread
 * records since.
 */
export function isCaughtUpSince(rows: Iterable<LeaseRow>, sinceMs: number): boolean {
  for (const row of rows) {
    if (row.position.at === 'shard-end' || row.gap?.status === 'halted') continue;
    if (Math.max(row.lastRecordAtMs ?? 0, row.caughtUpAtMs ?? 0) < sinceMs) return false;
  }
  return true;
}
