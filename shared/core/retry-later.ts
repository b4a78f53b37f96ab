const DEEPEST_CAUSE = 10;

/**
 * Marks an error as none of the change's fault: what the handler needs is down, and later will do.
 *
 * The change is neither tried again in this invocation nor parked; the batch fails at it and comes again.
 */
export const retryLater = <E extends Error>(error: E): E => Object.assign(error, { retryLater: true });

/** Whether an error, or what caused it, is marked. */
export function isRetryLater(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return false;
  if ('retryLater' in error && error.retryLater === true) return true;
  return 'cause' in error && isRetryLater(error.cause, depth + 1);
}
