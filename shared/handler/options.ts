import type { Logger } from '@aws-lambda-powertools/logger';
import type { Deduplicate } from '../core/deduplicate.ts';
import type { Parking } from '../core/parking.ts';
import type { MetricOptions } from './metrics.ts';

export interface HandlerOptions {
  /**
   * How many items are handled at once; the changes of one item always run in order. From 1 to 1000.
   *
   * More is faster where the functions wait for something else; after a failure, more of what ran behind it is
   * delivered again.
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * The bootstrap run that counts in `change.version` where a record names none, as on an event source mapping.
   * @default - the environment variable MILLRACE_RUN, or 0
   */
  readonly run?: number;
  /**
   * Your own Powertools logger: failures are written with it, and at a concurrency of 1 its lines carry the identity of
   * the change while its function runs.
   * @default - a logger with the settings of the POWERTOOLS environment variables
   */
  readonly logger?: Logger;
  /** Names for the handler's metrics, which are written in Lambda only; `false` writes none. */
  readonly metrics?: MetricOptions | false;
  /**
   * Where changes that keep failing wait, so that all others flow: `parkingTable()` of `millrace/parking`.
   * @default - the batch fails at the first change that fails, and comes again from there
   */
  readonly parking?: Parking;
  /**
   * Drops what the Kinesis feed repeats or brings late: `deduplicateTable()` of `millrace/deduplicate`. Changes of a
   * table's own stream, which does neither, are left alone.
   * @default - everything is delivered as it comes
   */
  readonly deduplicate?: Deduplicate;
}
