import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Failed } from '../core/ports.ts';

/** What AWS services answer when a caller is too fast; DynamoDB Streams does not model its own (`ThrottlingException`). */
const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** What they answer when the caller may not, or cannot be told who it is. */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthFailure',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnauthorizedOperation',
  'UnrecognizedClientException',
]);

/** The service's own name for an error, which is what SDK version 3 puts into `name`; unmodelled ones have no class. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'Error');

/** An error in one line, its name first. */
export const errorMessage = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

export const isThrottled = (error: unknown): boolean => THROTTLED.has(errorName(error));
/** The SDK found no region to ask, or no credentials to ask with: nothing was sent. */
export const isWithoutRegion = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Region is missing';
export const isWithoutCredentials = (error: unknown): boolean => errorName(error) === 'CredentialsProviderError';

export const isDenied = (error: unknown): boolean => DENIED.has(errorName(error));

/** Any error that says nothing of the thing that was asked for, as a value. */
export function failed(error: unknown): Failed {
  const reason = isThrottled(error)
    ? 'throttled'
    : isDenied(error) || isWithoutRegion(error)
      ? 'denied'
      : 'unavailable';
  return { kind: 'failed', reason, message: errorMessage(error) };
}

/** What stopped a conditional write: its own condition, with the row as it is now, or other writes at that moment. */
export type RefusedWrite =
  | { readonly by: 'condition'; readonly item: Record<string, AttributeValue> | null }
  | { readonly by: 'conflict' };

/** Why DynamoDB cancels a transaction although nothing is wrong with it. */
const PASSING = new Set(['None', 'ProvisionedThroughputExceeded', 'ThrottlingError', 'TransactionConflict']);
const CONFLICTS = new Set([
  'ReplicatedWriteConflictException',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

/**
 * Why DynamoDB refused a write or a transaction; `null` when the error is of another kind. Only the first write of a
 * transaction may hold a condition.
 */
export function refusedWrite(error: unknown): RefusedWrite | null {
  const { Item: item, CancellationReasons: reasons } = error as {
    readonly Item?: Record<string, AttributeValue>;
    readonly CancellationReasons?: readonly {
      readonly Code?: string;
      readonly Item?: Record<string, AttributeValue>;
    }[];
  };
  const name = errorName(error);
  if (name === 'ConditionalCheckFailedException') return { by: 'condition', item: item ?? null };
  if (CONFLICTS.has(name)) return { by: 'conflict' };
  if (name !== 'TransactionCanceledException' || !reasons) return null;
  if (reasons[0]?.Code === 'ConditionalCheckFailed') return { by: 'condition', item: reasons[0].Item ?? null };
  return reasons.every((reason) => PASSING.has(reason.Code ?? 'None')) ? { by: 'conflict' } : null;
}

/** Whether a request certainly never left this machine: no address, no connection. */
export function isUnsent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isUnsent);
  if (!(error instanceof Error)) return false;
  const isUnconnected = 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
  // The HTTP handler gives its connection timeout no code of its own.
  return isUnconnected || (error.name === 'TimeoutError' && error.message.includes('did not establish a connection'));
}
