import { MillraceError } from './errors.ts';
import type { Start } from './subscription.ts';

/** Clocks of different machines differ: a start at LATEST begins this much earlier. */
const CLOCK_SKEW_MS = 5_000;

/** Where a subscription is asked to start, as its request says it. */
export type RequestedStart =
  | { readonly at: 'trim-horizon' }
  | { readonly at: 'latest' }
  | { readonly at: 'time'; readonly time: string };

/**
 * The start to store before the first listing.
 *
 * LATEST is the moment of the first start, less five seconds for clock skew, so that a crash before the first record
 * loses nothing. Moments are rounded down to the second, as DynamoDB rounds the creation time of records: the boundary
 * second is delivered.
 * @throws MillraceError `invalid-request` when the time cannot be read.
 */
export function startOf(requested: RequestedStart, nowMs: number): Start {
  switch (requested.at) {
    case 'trim-horizon':
      return { at: 'trim-horizon' };
    case 'latest':
      return { at: 'latest', momentMs: toSecond(nowMs) - CLOCK_SKEW_MS };
    case 'time': {
      const momentMs = Date.parse(requested.time);
      if (Number.isNaN(momentMs)) {
        throw new MillraceError(
          'invalid-request',
          `start.time must be an ISO 8601 time, got ${JSON.stringify(requested.time)}`,
        );
      }
      return { at: 'time', momentMs: toSecond(momentMs) };
    }
  }
}

const toSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;
