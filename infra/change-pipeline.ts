import { RemovalPolicy, type Size, Token } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DeduplicateTable } from './deduplicate-table.ts';
import { checkName, warnOfNamesake } from './names.ts';
import { OnFailure } from './on-failure.ts';
import { ParkingTable } from './parking-table.ts';
import { PipelineWatch, type WatchOptions } from './pipeline-watch.ts';
import { checkWhole, refuse } from './range.ts';
import { ShardWalker } from './shard-walker.ts';
import { StateTable } from './state-table.ts';
import { Subscription } from './subscription.ts';
import type { SubscriptionProps } from './subscription-props.ts';
import { TableEnabler } from './table-enabler.ts';

export interface ChangePipelineProps extends WatchOptions {
  /**
   * The pipeline's name in metrics and logs; two pipelines of one region and account should not share one.
   * @default - the construct's path
   */
  readonly pipelineName?: string;
  /**
   * A key of yours for everything the pipeline stores: state and parking tables, on-failure bucket, logs.
   * @default - keys of AWS
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * What becomes of the state table, the parking table and the on-failure bucket when they leave the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * How long the logs of Millrace's functions are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;
  /**
   * The walker's memory; a quarter of it is for records in flight. Range: 128 to 10240 MiB.
   * @default Size.mebibytes(1024)
   */
  readonly walkerMemorySize?: Size;
  /**
   * The walker's reserved concurrency: at least 2 for every worker of every subscription.
   * @default - none
   */
  readonly walkerReservedConcurrency?: number;
  /**
   * Whether walks are traced by X-Ray. A walk passes its trace on to the handlers that it calls: turn tracing on there,
   * too.
   * @default false
   */
  readonly tracing?: boolean;
}

/**
 * Holds subscriptions and what they share: the state table, the walker, the parking table and the on-failure bucket,
 * each made when the first subscription needs it.
 */
export class ChangePipeline extends Construct {
  readonly pipelineName: string;
  /** The dashboard, the alarms, and what they need. */
  readonly watch: PipelineWatch;
  private readonly props: ChangePipelineProps;
  private readonly scope: Construct;
  private readonly subscriptionsById = new Map<string, Subscription>();
  private shardWalker: ShardWalker | undefined;
  private parking: ParkingTable | undefined;
  private deduplicate: DeduplicateTable | undefined;
  private bucket: s3.Bucket | undefined;

  constructor(scope: Construct, id: string, props: ChangePipelineProps = {}) {
    super(scope, id);
    this.props = props;
    // A scope of their own, so that no subscription's id can meet one of the pipeline's.
    this.scope = new Construct(this, 'Subscriptions');
    this.pipelineName = props.pipelineName ?? this.node.path;
    checkName(this, 'pipelineName', this.pipelineName);
    warnOfNamesake(this, this.pipelineName);
    checkWhole(this, 'walkerReservedConcurrency', props.walkerReservedConcurrency, 2, 1_000_000);
    checkWhole(this, 'walkerMemorySize in MiB', props.walkerMemorySize?.toMebibytes(), 128, 10_240);
    this.watch = new PipelineWatch(this, 'Watch', {
      ...props,
      pipelineName: this.pipelineName,
      walker: () => this.shardWalker,
    });
  }

  /** Brings every change of a source to a handler. The id is the subscription's name: another id begins anew. */
  subscribe(id: string, props: SubscriptionProps): Subscription {
    checkName(this, "a subscription's id", id);
    if (this.subscriptionsById.has(id)) refuse(this, `there is a subscription ${JSON.stringify(id)} already`);
    const subscription = new Subscription(this.scope, id, props, {
      pipelineName: this.pipelineName,
      walker: () => this.makeWalker(),
      parking: () => this.makeParking(),
      deduplicate: () => this.makeDeduplicate(),
      onFailure: () => OnFailure.s3(this.makeBucket()),
      encryptionKey: this.props.encryptionKey,
    });
    this.subscriptionsById.set(id, subscription);
    TableEnabler.keepLogs(this, { retention: this.props.logRetention, encryptionKey: this.props.encryptionKey });
    this.checkConcurrency();
    this.watch.add(subscription.watched);
    return subscription;
  }

  get subscriptions(): readonly Subscription[] {
    return [...this.subscriptionsById.values()];
  }

  /** The walker with its state table; undefined while no subscription needs it. */
  get walker(): ShardWalker | undefined {
    return this.shardWalker;
  }

  /** Where changes wait that keep failing; undefined while no subscription parks. */
  get parkingTable(): ParkingTable | undefined {
    return this.parking;
  }

  /** Where handlers of Kinesis streams keep what they have accepted; undefined while no subscription drops repeats. */
  get deduplicateTable(): DeduplicateTable | undefined {
    return this.deduplicate;
  }

  /** Where mappings leave the batches they gave up; undefined while no subscription needs it. */
  get onFailureBucket(): s3.IBucket | undefined {
    return this.bucket;
  }

  /** Walks that ended with an error of their function; undefined while no subscription needs the walker. */
  metricWalkerErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric | undefined {
    return this.shardWalker?.function.metricErrors(options);
  }

  /** Walks that Lambda did not start for want of concurrency; undefined while no subscription needs the walker. */
  metricWalkerThrottles(options?: cloudwatch.MetricOptions): cloudwatch.Metric | undefined {
    return this.shardWalker?.function.metricThrottles(options);
  }

  /** How long walks last; undefined while no subscription needs the walker. */
  metricWalkerDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric | undefined {
    return this.shardWalker?.function.metricDuration(options);
  }

  private makeWalker(): ShardWalker {
    this.shardWalker ??= new ShardWalker(this, 'Walker', {
      state: new StateTable(this, 'State', this.props),
      memorySize: this.props.walkerMemorySize,
      logRetention: this.props.logRetention,
      encryptionKey: this.props.encryptionKey,
      reservedConcurrentExecutions: this.props.walkerReservedConcurrency,
      tracing: this.props.tracing,
    });
    return this.shardWalker;
  }

  /** A walk hands over to the next while it still delivers: each worker is two functions for a moment. */
  private checkConcurrency(): void {
    const reserved = this.props.walkerReservedConcurrency;
    const workers = this.subscriptions.flatMap((subscription) => subscription.schedules).length;
    if (reserved === undefined || Token.isUnresolved(reserved) || reserved >= 2 * workers) return;
    refuse(
      this,
      `walkerReservedConcurrency must be at least ${2 * workers}, 2 for each of ${workers} workers, got ${reserved}`,
    );
  }

  private makeParking(): ParkingTable {
    this.parking ??= new ParkingTable(this, 'Parking', this.props);
    return this.parking;
  }

  private makeDeduplicate(): DeduplicateTable {
    this.deduplicate ??= new DeduplicateTable(this, 'Deduplicate', this.props);
    return this.deduplicate;
  }

  private makeBucket(): s3.Bucket {
    this.bucket ??= new s3.Bucket(this, 'OnFailure', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: this.props.removalPolicy ?? RemovalPolicy.RETAIN,
      ...(this.props.encryptionKey
        ? { encryption: s3.BucketEncryption.KMS, encryptionKey: this.props.encryptionKey, bucketKeyEnabled: true }
        : { encryption: s3.BucketEncryption.S3_MANAGED }),
    });
    return this.bucket;
  }
}
