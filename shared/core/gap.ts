import type { LeaseRow, ShardGap } from './lease.ts';
import type { LeaseKey } from './ports.ts';
import type { Position } from './position.ts';
import type { GapNotice, MillraceEventRecord } from './record.ts';
import { noticeOf } from './recorded-gap.ts';

/** DynamoDB keeps a stream's records for 24 hours; anything older may be trimmed at any moment. */
export const STREAM_RETENTION_MS = 24 * 60 * 60 * 1000;

/** What a subscription does at a gap: go on, telling the handler or not, or halt until an operator accepts it. */
export interface GapPolicy {
  readonly halts: boolean;
  readonly delivers: boolean;
}

/** What is read: one stream in one generation. Another generation may meet the same gap, another stream the same shard id. */
export type ReadLife = Pick<LeaseKey, 'generation' | 'stream'>;

/** A gap under an id of its own: found again after a crash, it is the same gap; after a rewind, it is another. */
export function gapAt(
  reason: GapNotice['reason'],
  life: ReadLife,
  shardId: string,
  position: Position,
  nowMs: number,
  policy: GapPolicy,
): ShardGap {
  const after = positionText(position);
  return {
    id: `${reason}:${shardId}:${after}${markOf(life)}`,
    reason,
    shardId,
    after,
    detectedAtMs: nowMs,
    status: policy.halts ? 'halted' : policy.delivers ? 'undelivered' : 'reported',
  };
}

const markOf = ({ generation, stream }: ReadLife): string => `:${generation}@${stream.createdAtMs}`;

/** The shards of which a gap has told, in this life, that they vanished: what came after them is part of it. */
export const vanishedShards = (gaps: readonly GapNotice[], life: ReadLife): ReadonlySet<string> =>
  new Set(
    gaps.filter(({ reason, id }) => reason === 'shard-vanished' && id.includes(markOf(life))).map((gap) => gap.shardId),
  );

/** A position in words, as gaps and the command line show it. */
export function positionText(position: Position): string {
  return 'sequenceNumber' in position ? `${position.at}(${position.sequenceNumber})` : position.at;
}

/** What is known of a shard's history when its data turns out to be trimmed, or may have been. */
export interface KnownHistory {
  readonly position: Position;
  /** When the shard was last seen without unread records; `null` for never. */
  readonly caughtUpAtMs: number | null;
  readonly generationStartedAtMs: number;
  readonly streamCreatedAtMs: number;
}

/**
 * Whether something that belongs to the subscription may be gone, now that the shard's oldest data is trimmed.
 *
 * What is trimmed is older than the retention. So nothing is lost while the last moment at which nothing was missing is
 * younger: the shard was caught up, or reading still waits for a moment, or, for a root of which nothing was read, the
 * stream itself began, or a generation that was promised what there was then. One that a rewind promised more begins at
 * the moment that it was rewound to.
 */
export function mayHaveLost(known: KnownHistory, nowMs: number): boolean {
  const { position, caughtUpAtMs, generationStartedAtMs, streamCreatedAtMs } = known;
  const isRoot = position.at === 'trim-horizon';
  const completeAtMs = Math.max(
    position.notBefore ?? (isRoot ? generationStartedAtMs : 0),
    isRoot ? streamCreatedAtMs : 0,
    (caughtUpAtMs ?? 0) - CAUGHT_UP_DOUBT_MS,
  );
  return nowMs - completeAtMs >= STREAM_RETENTION_MS - CLOCK_SKEW_MS;
}

/** That a shard was caught up is concluded from empty pages: what lay behind them may be a little older. */
const CAUGHT_UP_DOUBT_MS = 10 * 60_000;

/** Clocks of different machines differ by seconds; a gap too many is looked at, one too few is a silent loss. */
const CLOCK_SKEW_MS = 60_000;

/** The record by which a handler is told of its shard's gap. */
export function gapRecord(row: LeaseRow, gap: ShardGap, streamArn: string, region: string): MillraceEventRecord {
  return {
    eventID: gap.id,
    eventName: 'GAP',
    eventVersion: '1',
    eventSource: 'millrace',
    awsRegion: region,
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((row.lastRecordAtMs ?? gap.detectedAtMs) / 1000),
      SequenceNumber: gap.id,
    },
    millrace: { gap: noticeOf(gap) },
  };
}
