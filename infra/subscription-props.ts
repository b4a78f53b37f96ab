import type { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { BootstrapOptions } from './bootstrap.ts';
import type { ChangeSource } from './change-source.ts';
import type { OnFailureDestination } from './on-failure.ts';
import type { ParkingOptions } from './parking.ts';
import type { Delivery } from './source.ts';

/** A subscription's options that both paths understand. */
export interface DeliveryOptions {
  /**
   * Where to begin. Not changeable on a mapping; on the walker it counts at the subscription's first walk only.
   * `AT_TIMESTAMP` is for the walker and for Kinesis streams: mappings do not know it for DynamoDB Streams.
   * @default StartingPosition.TRIM_HORIZON
   */
  readonly startingPosition?: lambda.StartingPosition;
  /**
   * The moment for `AT_TIMESTAMP`; records strictly before it pass unread.
   * @default - none
   */
  readonly startingPositionTimestamp?: Date;
  /**
   * The most records of one batch. Range: 1 to 10000.
   * @default 100
   */
  readonly batchSize?: number;
  /**
   * How long to gather records before the handler is invoked. Range: 0 to 5 minutes.
   * @default Duration.seconds(0)
   */
  readonly maxBatchingWindow?: Duration;
  /**
   * Batches of one shard in flight at once; order per item is kept. Range: 1 to 10.
   * @default 1
   */
  readonly parallelizationFactor?: number;
  /**
   * Which records reach the handler, as patterns of `lambda.FilterCriteria.filter`; one has to match. At most 10, of at
   * most 4096 characters each; on a mapping Lambda's quota is 5 until it is raised.
   * @default - all
   */
  readonly filters?: readonly { readonly [key: string]: unknown }[];
  /**
   * Whether changes are delivered now. A stopped mapping or walker keeps its positions, while the stream forgets after
   * 24 hours.
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * Whether a failing batch is halved before it is tried again.
   * @default true
   */
  readonly bisectBatchOnError?: boolean;
  /**
   * How often a failing batch is tried again. Range: -1 (until the record is too old) to 10000.
   * @default 500
   */
  readonly retryAttempts?: number;
  /**
   * How old a record may become before it is given up and goes to `onFailure`. Range: 1 minute to 7 days; the stream
   * itself keeps a record for 24 hours.
   * @default Duration.hours(20)
   */
  readonly maxRecordAge?: Duration;
  /**
   * Where a batch goes that was given up.
   * @default - a bucket of the pipeline, which keeps the changes themselves
   */
  readonly onFailure?: OnFailureDestination;
}

/** A subscription's options for an event source mapping, with AWS's names. */
export interface MappingOptions {
  /**
   * Whether Lambda reads from the handler's answer which record failed. A handler of `changeHandler` answers so.
   * @default true
   */
  readonly reportBatchItemFailures?: boolean;
  /**
   * How long records are aggregated with a state that the handler passes on. Range: 0 to 15 minutes.
   * @default - none
   */
  readonly tumblingWindow?: Duration;
  /**
   * A key that encrypts the filters.
   * @default - a key of AWS
   */
  readonly filterEncryption?: kms.IKey;
  /**
   * Which metrics Lambda writes for the mapping: EventCount or nothing; the others are for Kafka.
   * @default - EventCount
   */
  readonly metricsConfig?: lambda.MetricsConfig;
  /**
   * The bootstrap or repair run that the changes come after, which is a part of their version. Only after moving here
   * from the walker: it says which. Range: 0 to 1000000.
   * @default 0
   */
  readonly run?: number;
  /**
   * What the mapping itself logs. AWS documents it for Kafka only, which a warning says.
   * @default - nothing
   */
  readonly logLevel?: lambda.EventSourceMappingLogLevel;
}

/** A subscription's options for the shard walker. */
export interface WalkerOptions {
  /**
   * Walks at once, each with its share of the shards. Each costs a schedule's tick and a function's time every minute.
   * Range: 1 to 100.
   * @default 1
   */
  readonly workers?: number;
  /**
   * Whether a walk without work stays instead of leaving: seconds of latency instead of a minute, for the price of a
   * function that always runs.
   * @default false
   */
  readonly keepAwake?: boolean;
  /**
   * Hands over every item that the table has as a `snapshot` change first, then every change since. The scan never
   * begins twice by itself, and a `startingPosition` is LATEST unless given.
   * @default - changes only
   */
  readonly bootstrap?: true | BootstrapOptions;
  /**
   * What the handler is told besides changes; it needs a function for each.
   * @default - nothing; gaps and snapshots with `bootstrap`
   */
  readonly deliver?: readonly ('gap' | 'snapshot')[];
  /**
   * Whether a gap stops its shard until an operator accepts it.
   * @default 'continue'
   */
  readonly onGap?: 'continue' | 'halt';
  /**
   * How long a walker may stay silent before another may take its shard.
   *
   * Holds while nothing is in flight; a delivery extends it. Shorter recovers sooner from a crash; longer costs fewer
   * writes. Range: 10 seconds to 15 minutes.
   * @default Duration.seconds(60)
   */
  readonly leaseDuration?: Duration;
  /**
   * Added to the handler's timeout in the expiry of a lease with a delivery in flight: starting, network, clocks that
   * differ. Range: 0 to 5 minutes.
   * @default Duration.seconds(20)
   */
  readonly deliveryMargin?: Duration;
}

/** One subscription: a source, a handler, and how changes travel between them. */
export interface SubscriptionProps extends DeliveryOptions, MappingOptions, WalkerOptions {
  /** Whose changes. */
  readonly source: ChangeSource;
  /** The function that takes them: a function, a version or an alias, in the pipeline's region. */
  readonly handler: lambda.IFunction;
  /**
   * The handler's timeout, where its construct cannot tell: an imported function's. At most 5 minutes on the walker.
   * @default - the function's own
   */
  readonly handlerTimeout?: Duration;
  /**
   * The path changes take.
   * @default - an event source mapping where one can read the source, else the shard walker
   */
  readonly delivery?: Delivery;
  /**
   * Where changes wait that keep failing, while all other items flow: a table of the pipeline, which the handler may
   * use, and finds by `parkingTable()` of `millrace/parking`. The handler's function is of this app and serves this
   * subscription alone. Watch the metric `ParkedItems`: what is parked waits until it is redriven.
   * @default - a batch fails at the first change that fails
   */
  readonly parking?: true | ParkingOptions;
  /**
   * Whether the handler drops what the Kinesis feed repeats or brings late, by a table of the pipeline, which the handler
   * may use, and finds by `deduplicateTable()` of `millrace/deduplicate`. The handler's function is of this app. Only for
   * Kinesis streams.
   * @default - everything is delivered as it comes
   */
  readonly deduplicate?: true;
}
