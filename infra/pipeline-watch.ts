import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import { Alarms } from './alarms.ts';
import { PipelineDashboard } from './dashboard.ts';
import { SavedQueries } from './queries.ts';
import { ShardMapFunction } from './shard-map.ts';
import type { ShardWalker } from './shard-walker.ts';
import { subscriptionAlarms } from './subscription-alarms.ts';
import { walkerAlarms } from './walker-alarms.ts';
import type { WatchedSubscription } from './watched-subscription.ts';

/** How a pipeline is watched. */
export interface WatchOptions {
  /**
   * Whether there is a dashboard, with the walked subscriptions' shards drawn by a function.
   * @default true
   */
  readonly dashboard?: boolean;
  /**
   * Whether there are alarms.
   * @default true
   */
  readonly alarms?: boolean;
  /**
   * Who is told when an alarm goes off, and when all is well again.
   * @default - nobody: alarms show on the dashboard only
   */
  readonly alarmTopic?: sns.ITopic;
  /**
   * When alarms go off, for all subscriptions.
   * @default - those of each threshold
   */
  readonly alarmThresholds?: AlarmThresholds;
  /**
   * A link that the dashboard shows as the runbook.
   * @default - the name of Millrace's own
   */
  readonly runbookUrl?: string;
}

export interface PipelineWatchProps extends WatchOptions {
  readonly pipelineName: string;
  /** The pipeline's walker; undefined as long as no subscription needs it. */
  readonly walker: () => ShardWalker | undefined;
  readonly logRetention?: logs.RetentionDays | undefined;
  readonly encryptionKey?: kms.IKey | undefined;
}

/** Watches a pipeline: a dashboard, alarms, the map of the shards and saved queries. */
export class PipelineWatch extends Construct {
  /** Undefined where none is wanted. */
  readonly dashboard: PipelineDashboard | undefined;
  private readonly props: PipelineWatchProps;
  private readonly subjects: WatchedSubscription[] = [];
  private readonly made: cloudwatch.Alarm[] = [];
  private readonly alarmScope: Construct;
  private readonly queries: SavedQueries;
  private shardMap: ShardMapFunction | undefined;
  private isWalked = false;

  constructor(scope: Construct, id: string, props: PipelineWatchProps) {
    super(scope, id);
    this.props = props;
    // A scope of their own, so that no subscription's id can meet one of ours.
    this.alarmScope = new Construct(this, 'Alarms');
    this.queries = new SavedQueries(this, 'Queries', {
      pipelineName: props.pipelineName,
      walkerLog: () => props.walker()?.logGroup,
      handlers: () => this.subjects.map(({ handler }) => handler),
    });
    if (props.dashboard !== false) {
      this.dashboard = new PipelineDashboard(this, 'Dashboard', {
        pipelineName: props.pipelineName,
        subscriptions: () => this.subjects,
        alarms: () => this.made,
        walker: () => props.walker()?.function,
        shardMap: (subscriptionName) => this.shardMap?.widget(subscriptionName),
        runbookUrl: props.runbookUrl,
      });
    }
  }

  get alarms(): readonly cloudwatch.Alarm[] {
    return this.made;
  }

  /** Watches one more subscription. */
  add(subject: WatchedSubscription): void {
    this.subjects.push(subject);
    const { alarmThresholds, alarmTopic } = this.props;
    if (this.props.alarms !== false) {
      const rules = subscriptionAlarms(this, subject, alarmThresholds);
      this.made.push(...new Alarms(this.alarmScope, subject.subscriptionName, rules, alarmTopic).alarms);
    }
    const walker = this.props.walker();
    if (subject.delivery === 'shard-walker' && walker !== undefined) this.addWalker(walker);
  }

  private addWalker(walker: ShardWalker): void {
    if (this.isWalked) return;
    this.isWalked = true;
    const { pipelineName, alarmTopic, logRetention, encryptionKey } = this.props;
    this.queries.addWalker();
    if (this.props.alarms !== false) {
      const rules = walkerAlarms(pipelineName, walker.function);
      this.made.push(...new Alarms(this, 'WalkerAlarms', rules, alarmTopic).alarms);
    }
    if (this.dashboard !== undefined) {
      this.shardMap = new ShardMapFunction(this, 'ShardMap', { state: walker.state, logRetention, encryptionKey });
    }
  }
}
