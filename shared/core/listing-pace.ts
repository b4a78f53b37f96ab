/** DescribeStream shows so many shards a call. */
const SHARDS_PER_CALL = 100;

/** DescribeStream answers ten calls a second and account; a subscription takes two, divided by its workers. */
export const DESCRIBE_INTERVAL_MS = 500;

/**
 * How many times longer than alone one of so many workers waits between two calls. The one that lists has half of all
 * calls, or listings of many workers would outlast a walk; the others, which ask for children at a shard's end, the rest.
 */
export const describeShare = (workers: number, isLister: boolean): number => {
  if (workers <= 1) return 1;
  return isLister ? 2 : 2 * (workers - 1);
};

/**
 * Listings are a minute apart, and half a minute where they are awaited: the calls belong to all workers. A quiet
 * stream's walks last a moment each, a minute apart: a little less, so that each of them finds a listing due.
 */
const LIST_EVERY_MS = 50_000;
const LIST_AWAITED_EVERY_MS = 30_000;

/** Of a long listing: it may take a fifth of the time, or half where the next is awaited. */
const PAUSE_PER_LISTING = 4;

/** How long the listing of so many shards takes one of so many workers (milliseconds). */
export const listingMs = (shards: number, workers = 1): number =>
  Math.ceil(shards / SHARDS_PER_CALL) * DESCRIBE_INTERVAL_MS * describeShare(workers, true);

/** How long to wait after a listing of so many shards before the next (milliseconds); less where something is awaited of it. */
export const listingPauseMs = (shards: number, isAwaited: boolean): number =>
  isAwaited
    ? Math.max(LIST_AWAITED_EVERY_MS, listingMs(shards))
    : Math.max(LIST_EVERY_MS, PAUSE_PER_LISTING * listingMs(shards));

/**
 * After how long (milliseconds) a stream of so many shards that was not listed again is in doubt. From a shard's end to the
 * end of the next listing that began after it, it is a tick, the pause, and two listings of several workers at most; for a
 * short one, that is two that failed.
 */
export const listingOverdueMs = (shards: number): number => 120_000 + 8 * listingMs(shards);
