/** An empty page proves nothing; ten in a row make a shard idle. */
export const IDLE_AFTER_PAGES = 10;

/** A shard that had a record this recently is polled as often as Lambda polls: its next change is likely near. */
export const ACTIVE_FOR_MS = 60_000;

/** Lambda's own event source mappings read each shard four times a second. */
const ACTIVE_POLL_MS = 250;

/** An idle shard that is kept awake: 1,800 reads an hour. */
const IDLE_POLL_MS = 2_000;

/** A page at least this full promises another. */
const FULL_PAGE_RECORDS = 100;

/** How long to wait before the next read of a shard, in milliseconds. */
export function pollDelayMs(pageRecords: number, emptyPages: number, sinceRecordMs: number): number {
  if (pageRecords >= FULL_PAGE_RECORDS) return 0;
  if (emptyPages >= IDLE_AFTER_PAGES && sinceRecordMs >= ACTIVE_FOR_MS) return IDLE_POLL_MS;
  return ACTIVE_POLL_MS;
}

/**
 * Full jitter: a random part of an exponentially growing time.
 *
 * AWS recommends 100 ms growing to 10 s for reading streams; a failing handler is given longer.
 */
export function backoffMs(attempt: number, baseMs: number, capMs: number, random: () => number): number {
  return Math.ceil(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}
