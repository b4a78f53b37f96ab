/** An empty page proves nothing; ten in a row make a shard idle. */
export const IDLE_AFTER_PAGES = 10;

/** A shard that had a record this recently is polled as often as Lambda polls: its next change is likely near. */
export const ACTIVE_FOR_MS = 60_000;

/** Lambda's own event source mappings read each shard four times a second. */
const ACTIVE_POLL_MS = 250;

/**
 * An idle shard is read the less often the longer it has been quiet, so that one of several which take turns is not late:
 * each second after four minutes, and at the end 1,800 times an hour where the subscription is kept awake, 720 beside others
 * that are busy.
 */
const IDLE_POLLS = ACTIVE_FOR_MS / ACTIVE_POLL_MS;
const AWAKE_POLL_MS = 2_000;
const IDLE_POLL_MS = 5_000;

/** Walks tick so often. A tick that finds its walk still there reads nothing, so what rests is read a moment before it. */
const TICK_MS = 60_000;
const BEFORE_TICK_MS = 5_000;

/** A page at least this full promises another. */
const FULL_PAGE_RECORDS = 100;

/** What the last page of a shard tells of the next. */
export interface PollFacts {
  readonly pageRecords: number;
  readonly emptyPages: number;
  readonly sinceRecordMs: number;
  /** Whether the subscription's shards are kept awake while they are idle. */
  readonly isKeptAwake: boolean;
  /** How long the shard may rest, where the walk stays for a listing alone; else 0 or less. */
  readonly restMs: number;
}

/** How long to wait before the next read of a shard, in milliseconds. */
export function pollDelayMs(facts: PollFacts): number {
  if (facts.pageRecords >= FULL_PAGE_RECORDS) return 0;
  if (facts.emptyPages < IDLE_AFTER_PAGES || facts.sinceRecordMs < ACTIVE_FOR_MS) return ACTIVE_POLL_MS;
  const idleMs = Math.min(
    Math.round(facts.sinceRecordMs / IDLE_POLLS),
    facts.isKeptAwake ? AWAKE_POLL_MS : IDLE_POLL_MS,
  );
  return facts.isKeptAwake ? idleMs : Math.max(idleMs, facts.restMs);
}

/** Until when idle shards may rest while their walk stays for a listing alone: without it, they would be read at the next tick. */
export const restUntilMs = (walkBeganAtMs: number, nowMs: number): number =>
  nowMs + TICK_MS - ((nowMs - walkBeganAtMs + BEFORE_TICK_MS) % TICK_MS);

/**
 * Full jitter: a random part of an exponentially growing time.
 *
 * AWS recommends 100 ms growing to 10 s for reading streams; a failing handler is given longer.
 */
export function backoffMs(attempt: number, baseMs: number, capMs: number, random: () => number): number {
  return Math.ceil(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}
