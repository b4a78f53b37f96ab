import * as v from 'valibot';
import { MillraceError } from './errors.ts';
import type { LeaseRow } from './lease.ts';
import { isOfChanges } from './operations.ts';
import type { ReadStream } from './operations-plan.ts';
import { positionsSchema } from './positions-schema.ts';
import { type Pointer, phaseOf, type StreamRow } from './subscription.ts';

/** The newest format of positions that this release writes and reads. */
export const POSITIONS_FORMAT = 1;

/** A subscription's positions as JSON: to keep, to move, to copy, or to go on reading from. */
export type Positions = v.InferOutput<typeof positionsSchema>;
export type StreamPositions = Positions['streams'][number];
export type ShardPosition = StreamPositions['shards'][number];

/** Writes down where a generation is. Positions that were read while a walk went on are brought into one moment. */
export function positionsOf(
  subscription: string,
  pointer: Pointer,
  streams: readonly ReadStream[],
  nowMs: number,
): Positions {
  return {
    format: POSITIONS_FORMAT,
    kind: 'millrace-positions',
    subscription,
    exportedAt: new Date(nowMs).toISOString(),
    start: pointer.start,
    startedAtMs: pointer.startedAtMs,
    run: phaseOf(pointer).run,
    streams: streams
      .filter(({ row }) => row.generation === pointer.generation && isOfChanges(row))
      .map(({ row, leases }) => ({
        ...row.stream,
        isReplacement: row.isReplacement,
        isFirstListingComplete: row.isFirstListingComplete,
        listedAtMs: row.listedAtMs,
        isDrained: row.isDrained,
        ...(row.retentionMs !== undefined && { retentionMs: row.retentionMs }),
        shards: consistent(leases).map(shardPosition),
      })),
  };
}

/**
 * The rows that may stand side by side: without those that were read although their parents, as read a moment before,
 * are not at their end, and without what descends from them. A listing finds them again, from their beginning.
 */
function consistent(leases: readonly LeaseRow[]): readonly LeaseRow[] {
  const rows = new Map(leases.map((row) => [row.shardId, row]));
  const isAhead = (row: LeaseRow): boolean =>
    (row.epoch > 0 || row.position.at === 'shard-end') &&
    row.parents.some((id) => rows.has(id) && rows.get(id)?.position.at !== 'shard-end');
  const left = new Set(leases.filter(isAhead).map((row) => row.shardId));
  for (let before = -1; before < left.size; ) {
    before = left.size;
    for (const row of leases) if (row.parents.some((id) => left.has(id))) left.add(row.shardId);
  }
  return leases.filter((row) => !left.has(row.shardId));
}

const shardPosition = (row: LeaseRow): ShardPosition => ({
  shardId: row.shardId,
  parents: [...row.parents],
  position: row.position,
  isRead: row.epoch > 0,
  caughtUpAtMs: row.caughtUpAtMs,
  lastRecordAtMs: row.lastRecordAtMs,
  children: row.children,
  finishedAtMs: row.finishedAtMs,
  gap: row.gap,
});

/**
 * Reads positions, as a text or as the value that `JSON.parse` makes of it.
 * @throws MillraceError `invalid-request`, naming what is wrong; `unsupported` for a newer format.
 */
export function parsePositions(given: unknown): Positions {
  const value = typeof given === 'string' ? parsedJson(given) : given;
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format === 'number' && format > POSITIONS_FORMAT) {
    throw new MillraceError(
      'unsupported',
      `the positions have format ${format}, and this release of Millrace reads formats up to ${POSITIONS_FORMAT}: use the newer release`,
    );
  }
  const result = v.safeParse(positionsSchema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  const got = issue.path ? issue.path.at(-1)?.value : issue.input;
  const problem =
    got === undefined ? 'is missing' : `must be ${issue.expected}, got ${JSON.stringify(got).slice(0, 100)}`;
  const what = field === null ? 'the file of positions' : `in the file of positions, ${field}`;
  throw new MillraceError('invalid-request', `${what} ${problem}`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MillraceError(
      'invalid-request',
      `the file of positions must be JSON, got ${JSON.stringify(text.slice(0, 60))}`,
      {
        cause,
      },
    );
  }
}

/** A stream's row as a new generation begins with it. */
export const streamRowOf = (stream: StreamPositions, generation: number): StreamRow => ({
  kind: 'stream',
  revision: 0,
  generation,
  stream: { arn: stream.arn, createdAtMs: stream.createdAtMs },
  isReplacement: stream.isReplacement,
  isFirstListingComplete: stream.isFirstListingComplete,
  listedAtMs: stream.listedAtMs,
  isDrained: stream.isDrained,
  ...(stream.retentionMs !== undefined && { retentionMs: stream.retentionMs }),
});

/** A shard's row as a new generation begins with it: nobody's, and read before where it was read before. */
export const leaseOf = ({ isRead, ...shard }: ShardPosition): LeaseRow => ({
  ...shard,
  owner: null,
  epoch: isRead ? 1 : 0,
  revision: 0,
  expiresAtMs: 0,
  claimant: null,
  iterator: null,
  emptyPages: 0,
  attempts: 0,
});
