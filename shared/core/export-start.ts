import { MillraceError } from './errors.ts';
import { STREAM_RETENTION_MS } from './gap.ts';
import type { LeaseRow } from './lease.ts';
import type { Start } from './subscription.ts';
import type { TableExport } from './table-export.ts';

/** An export's point in time is within a minute of what it says: the changes begin well before it. */
const BEFORE_EXPORT_MS = 5 * 60_000;

/** Writes up to a minute before the export's time may be missing in it, and up to a minute after it may be there. */
const FUZZ_MS = 60_000;

/** The times of changes are approximate, too. */
const CERTAINLY_IN_EXPORT_MS = 3 * 60_000;

/** The stream must keep the changes since the export until they are read. */
const OLDEST_EXPORT_MS = STREAM_RETENTION_MS - 60 * 60_000;

/** Where the changes of a subscription begin whose items come from an export. */
export const exportStart = ({ asOfMs }: Pick<TableExport, 'asOfMs'>): Start => ({
  at: 'time',
  momentMs: Math.floor((asOfMs - BEFORE_EXPORT_MS) / 1000) * 1000,
});

/** What is known of a subscription's positions when a run is to begin. */
export interface PositionFacts {
  readonly start: Start;
  readonly streamCreatedAtMs: number;
  readonly rows: Iterable<LeaseRow>;
}

/** @throws MillraceError `invalid-request` when the changes since the export are, or may soon be, no longer in the stream. */
export function checkAge({ arn, asOfMs }: TableExport, nowMs: number): void {
  if (nowMs - asOfMs <= OLDEST_EXPORT_MS) return;
  throw new MillraceError(
    'invalid-request',
    `bootstrap.export must be at most 23 hours old when its run begins, got ${timeOf(asOfMs)} (${arn}): the stream keeps changes for 24. Make another export and name it, or leave export out, so that the table is scanned`,
  );
}

/**
 * Why an export cannot serve a run: changes made after it were delivered before it, so that its items would be older than
 * what the sink has, or the stream does not reach back to it. `null`: it can.
 */
export function exportDoubt({ asOfMs }: TableExport, { start, streamCreatedAtMs, rows }: PositionFacts): string | null {
  if (streamCreatedAtMs > asOfMs - FUZZ_MS) {
    return `the stream must have been on a minute before, and was turned on at ${timeOf(streamCreatedAtMs)}: make another export`;
  }
  if (start.at !== 'trim-horizon' && start.momentMs > asOfMs - FUZZ_MS) {
    return `the subscription's changes must begin a minute before, and begin at ${timeOf(start.momentMs)}: ${REWIND}`;
  }
  for (const row of rows) {
    // A shard that ended before the start is finished unread.
    const readUpToMs = Math.max(row.lastRecordAtMs ?? 0, row.position.at === 'shard-end' ? 0 : (row.caughtUpAtMs ?? 0));
    if (readUpToMs > asOfMs - CERTAINLY_IN_EXPORT_MS)
      return `changes up to ${timeOf(readUpToMs)} were delivered already: ${REWIND}`;
  }
  return null;
}

/** @throws MillraceError `invalid-request` that says why the export cannot serve a run that begins now, and what to do. */
export function checkExport(found: TableExport, positions: PositionFacts, nowMs: number): void {
  const doubt = exportDoubt(found, positions);
  if (doubt === null) {
    checkAge(found, nowMs);
    return;
  }
  throw new MillraceError(
    'invalid-request',
    `bootstrap.export must be of a time from which on no change was delivered yet, got ${timeOf(found.asOfMs)} (${found.arn}); ${doubt}`,
  );
}

const REWIND =
  'pause and rewind it to a moment a few minutes before the export, or leave export out, so that the table is scanned';

const timeOf = (ms: number): string => new Date(ms).toISOString();
