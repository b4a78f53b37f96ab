import { HANDLER_METRICS } from './handler-metrics.ts';

export { METRIC_NAMESPACE } from './handler-metrics.ts';

/** The dimensions of every metric: never a shard or an item, whose number has no limit. */
export const METRIC_DIMENSIONS = ['pipeline', 'subscription'] as const;

/** Every metric by name, with its CloudWatch unit: written by the functions, drawn and alarmed on by the constructs. */
export const METRICS = {
  ...HANDLER_METRICS,
  /** Records read from the source, before filters. */
  RecordsRead: 'Count',
  /** Records that the handler accepted. */
  RecordsDelivered: 'Count',
  /** Records that the subscription's own filters, or its start, let pass unread. */
  RecordsFiltered: 'Count',
  /** Batches that the handler accepted. */
  BatchesDelivered: 'Count',
  /** Batches whose handler threw, timed out or answered with a failure. */
  BatchesFailed: 'Count',
  /** Deliveries for which the handler could not be started: throttled, missing, forbidden, too large. */
  BatchesRefused: 'Count',
  /** From the oldest unread record's creation to now, over all shards; 0 when all are caught up. */
  LagMilliseconds: 'Milliseconds',
  /** Until the stream trims the oldest unread record: the retention less the lag. */
  HoursUntilLoss: 'None',
  /** Changes that may have been lost, each a typed gap. */
  Gaps: 'Count',
  /** Shards that a gap holds until an operator accepts it. */
  HaltedShards: 'Count',
  /** Shards that are being written. */
  OpenShards: 'Count',
  /** Shards that wait for their parents or for a lease. */
  WaitingShards: 'Count',
  /** Shards that were read to their end. */
  FinishedShards: 'Count',
  /** Leases that another walk took over. */
  LeasesLost: 'Count',
  /** Walks that ended, whatever the reason. */
  Walks: 'Count',
  /** How long a walk lasted. */
  WalkMilliseconds: 'Milliseconds',
  /** Workers whose slot counts. */
  ActiveWorkers: 'Count',
  /** GetRecords calls of the walker: what reading costs. */
  PagesRead: 'Count',
  /** Writes to the state table: what coordination costs. */
  StateWrites: 'Count',
  /** Records of failed batches: one that is tried three times counts three times. */
  RecordsFailed: 'Count',
  /** Records that were given up and left in the on-failure destination. */
  RecordsGivenUp: 'Count',
  /** Batches that the on-failure destination refused: their shard stands still until it takes them. */
  DestinationsRefused: 'Count',
  /** Walks that ended because of something that nobody expected. */
  WalksFailed: 'Count',
  /** Tables found by a pattern that are read. */
  Tables: 'Count',
  /** Tables found by a pattern that cannot be read until somebody does something. */
  BrokenTables: 'Count',
  /** Items of the run that goes on that are settled; while a slice is scanned. */
  RunItems: 'Count',
  /** How much of the run is settled, by estimate; the same. */
  RunPercent: 'Percent',
  /** Segments of the run's scan that are not finished; the same. */
  RunSegmentsLeft: 'Count',
  /** Until the run ends, by estimate; the same. */
  RunHoursLeft: 'None',
  /** Calls to the source that failed and were made again. */
  SourceFailures: 'Count',
  /** Calls to the state table that failed and were made again. */
  StateFailures: 'Count',
} as const;

/** The name of a metric, such as `RecordsDelivered`. */
export type MetricName = keyof typeof METRICS;
/** A metric's CloudWatch unit. */
export type MetricUnit = (typeof METRICS)[MetricName];
