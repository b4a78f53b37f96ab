/** When a failing batch is given up, with the names and ranges that event source mappings have. */
export interface RetryPolicy {
  /** Retries after the first failure: 0 to 10,000; -1 retries until the data is gone. */
  readonly retryAttempts: number;
  /** Records older than this are given up, milliseconds; -1 for none. */
  readonly maxRecordAgeMs: number;
  /** Whether a batch whose handler threw is halved before it is tried again. */
  readonly bisectBatchOnError: boolean;
}

/** Where a lane stands with the records at its front. */
export interface RetryState {
  /** How often the first record's batch has failed. Splitting is no attempt, nor is a function that was not started. */
  readonly attempts: number;
  /** The most records of the next batch, while it is being halved; `null` for the batch size. */
  readonly limit: number | null;
}

export const FRESH: RetryState = { attempts: 0, limit: null };

/** How one delivery of `records` records ended. */
export interface Attempt {
  readonly records: number;
  readonly settled: number;
  /** `answered`: with a list of failures or without; `failed`: by throwing, timing out or dying. */
  readonly kind: 'answered' | 'failed' | 'unknown' | 'not-started';
}

/** Where the lane stands after a delivery. */
export function afterAttempt(policy: RetryPolicy, state: RetryState, attempt: Attempt, batchSize: number): RetryState {
  if (attempt.settled === attempt.records) return { attempts: 0, limit: grown(state.limit, batchSize) };
  if (attempt.kind === 'not-started') return state;
  if (attempt.settled > 0) return { attempts: 1, limit: null };
  if (attempt.kind === 'failed' && policy.bisectBatchOnError && attempt.records > 1) {
    return { attempts: state.attempts, limit: Math.ceil(attempt.records / 2) };
  }
  return { attempts: state.attempts + 1, limit: state.limit };
}

const grown = (limit: number | null, batchSize: number): number | null =>
  limit === null || limit * 2 >= batchSize ? null : limit * 2;

/** Whether the records at a lane's front have used up their attempts. */
export const isExhausted = (policy: RetryPolicy, state: RetryState): boolean =>
  policy.retryAttempts >= 0 && state.attempts > policy.retryAttempts;

/** How many of the leading records are older than they may be. */
export function countTooOld(policy: RetryPolicy, createdAtMs: readonly number[], nowMs: number): number {
  if (policy.maxRecordAgeMs < 0) return 0;
  const index = createdAtMs.findIndex((created) => nowMs - created <= policy.maxRecordAgeMs);
  return index < 0 ? createdAtMs.length : index;
}
