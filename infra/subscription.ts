import { Annotations, CfnOutput, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { checkBootstrap, exportStatements } from './bootstrap.ts';
import type { DeduplicateTable } from './deduplicate-table.ts';
import { checkDelivery } from './delivery.ts';
import { checkMapping, mapStream } from './event-source-mapping.ts';
import { filterPatterns, inData } from './filters.ts';
import { tellHandler } from './handler-environment.ts';
import { handlerTimeout } from './handler-timeout.ts';
import { MeasuredSubscription } from './measured-subscription.ts';
import type { OnFailureDestination } from './on-failure.ts';
import { Parking, refuseOtherStack } from './parking.ts';
import type { ParkingTable } from './parking-table.ts';
import { checkPath } from './path-options.ts';
import { checkKnown, checkSeconds, checkWhole, refuse } from './range.ts';
import { countReader } from './readers.ts';
import { allowRole } from './role-access.ts';
import type { ShardWalker } from './shard-walker.ts';
import type { Delivery, SourceLocation } from './source.ts';
import { streamResourcePolicy } from './stream-policy.ts';
import type { SubscriptionProps } from './subscription-props.ts';
import { WalkSchedules } from './walk-schedule.ts';
import { streamArnOf, type WatchedSubscription, watchedSubscription } from './watched-subscription.ts';

/** What a pipeline makes on demand, for all its subscriptions. */
export interface SharedResources {
  readonly pipelineName: string;
  readonly walker: () => ShardWalker;
  readonly parking: () => ParkingTable;
  readonly deduplicate: () => DeduplicateTable;
  readonly onFailure: () => OnFailureDestination;
  readonly encryptionKey: kms.IKey | undefined;
}

/** One source + one handler + its own positions. Made by `ChangePipeline.subscribe`. */
export class Subscription extends MeasuredSubscription {
  /** Its name in the state: the id, unique in its pipeline. Another id is another subscription. */
  readonly subscriptionName: string;
  readonly delivery: Delivery;
  /** The event source mapping, where changes take that path. */
  readonly mapping: lambda.EventSourceMapping | undefined;
  /** The walker's schedules, one a worker, where changes take that path. */
  readonly schedules: readonly scheduler.Schedule[];
  /** What lets the handler park; undefined where it does not. */
  readonly parking: Parking | undefined;
  /**
   * What the owner of another account's stream attaches to it, before this is deployed and again whenever the stream
   * is re-created. Undefined where the stream is of this account, or read by the walker.
   */
  readonly streamResourcePolicy: iam.PolicyDocument | undefined;
  readonly watched: WatchedSubscription;

  constructor(scope: Construct, id: string, props: SubscriptionProps, shared: SharedResources) {
    super(scope, id);
    this.subscriptionName = id;
    const location = props.source.locate(this);
    this.delivery = props.delivery ?? location.delivery;
    checkPath(this, props, this.delivery);
    const reason = props.delivery === undefined ? location.reason : 'the subscription says so';
    Annotations.of(this).addInfoV2('millrace:delivery', `delivered by ${this.delivery}: ${reason}`);
    this.refuseElsewhere('handler', props.handler.env.region);
    checkDelivery(this, props);
    tellHandler(this, props.handler, {
      pipelineName: shared.pipelineName,
      subscriptionName: id,
      run: props.run,
      isParking: props.parking !== undefined,
    });
    if (props.source.count) props.source.count(this, props.handler, this.delivery);
    else countReader(this, location, props.handler, this.delivery);
    if (this.delivery === 'event-source-mapping') {
      if (location.notMappable !== undefined) refuse(this, `delivery must be shard-walker: ${location.notMappable}`);
      this.mapping = this.map(props, shared);
      this.streamResourcePolicy = this.policyFor(location, props.handler);
      this.schedules = [];
    } else {
      this.schedules = this.walk(props, shared);
    }
    this.parking = this.park(props, shared);
    this.deduplicate(props, shared);
    this.watched = watchedSubscription(this, props, shared.pipelineName);
  }

  private map(props: SubscriptionProps, shared: SharedResources): lambda.EventSourceMapping {
    checkMapping(this, props);
    const source = props.source.map(this);
    const changes = filterPatterns(this, props.filters, { feed: feedOf(props), ...source });
    const filters = props.source.isKinesis ? inData(changes) : changes;
    const onFailure = this.onFailure(props, shared);
    return mapStream(this, { props, source, filters, onFailure, encryptionKey: shared.encryptionKey });
  }

  private walk(props: SubscriptionProps, shared: SharedResources): readonly scheduler.Schedule[] {
    checkWhole(this, 'workers', props.workers, 1, 100);
    checkKnown(this, 'workers', props.workers);
    checkSeconds(this, 'leaseDuration', props.leaseDuration, 10, 900);
    checkSeconds(this, 'deliveryMargin', props.deliveryMargin, 0, 300);
    const timeout = handlerTimeout(this, props.handler, props.handlerTimeout);
    checkSeconds(this, "the walked handler's timeout", timeout, 1, 300);
    const source = props.source.walk(this);
    const walker = shared.walker();
    walker.allow(source.statements);
    const filters = filterPatterns(this, props.filters, { feed: feedOf(props), ...source });
    if (props.bootstrap !== undefined) {
      checkBootstrap(this, props.bootstrap, props.deliver, filters);
      walker.allow(source.scanStatements ?? refuse(this, 'bootstrap is for tables: this source has no items to scan'));
      const exported = exportStatements(props.bootstrap);
      if (exported.length > 0 && source.request.kind !== 'table') {
        refuse(this, `bootstrap.export is for one table, got a source of the kind ${source.request.kind}`);
      }
      walker.allow(exported);
    }
    return new WalkSchedules(this, 'Walk', {
      walker,
      pipelineName: shared.pipelineName,
      subscriptionName: this.subscriptionName,
      source: source.request,
      handlerTimeout: timeout,
      filters,
      onFailure: this.onFailure(props, shared),
      encryptionKey: shared.encryptionKey,
      options: props,
    }).schedules;
  }

  private park(props: SubscriptionProps, shared: SharedResources): Parking | undefined {
    if (props.parking === undefined) return undefined;
    const parking = new Parking(this, 'Parking', {
      table: shared.parking,
      subscriptionName: this.subscriptionName,
      handler: props.handler,
      options: props.parking === true ? {} : props.parking,
      encryptionKey: shared.encryptionKey,
    });
    this.mapping?.node.addDependency(...parking.access);
    return parking;
  }

  private deduplicate({ deduplicate, source, handler }: SubscriptionProps, shared: SharedResources): void {
    if (!deduplicate) return;
    if (!source.isKinesis) {
      refuse(this, "deduplicate is for Kinesis streams: a table's own stream neither repeats nor reorders changes");
    }
    refuseOtherStack(this, handler, 'deduplicate');
    const table = shared.deduplicate();
    const role = table.tell(this, handler, source.retentionHours);
    const access = allowRole(this, 'DeduplicateAccess', role, table.use());
    this.mapping?.node.addDependency(...access);
  }

  private onFailure(props: SubscriptionProps, shared: SharedResources): OnFailureDestination {
    const destination = props.onFailure ?? shared.onFailure();
    if (destination.refused !== undefined) refuse(this, `onFailure: ${destination.refused}`);
    this.refuseElsewhere('onFailure', destination.region);
    return destination;
  }

  /** The policy that another account has to attach, as an output, and in words for the first deployment. */
  private policyFor({ streamOwner }: SourceLocation, handler: lambda.IFunction): iam.PolicyDocument | undefined {
    if (streamOwner === undefined || this.mapping === undefined) return undefined;
    const policy = streamResourcePolicy(this, streamArnOf(this.mapping), handler.role);
    const text = Stack.of(this).toJsonString(policy.toJSON());
    new CfnOutput(this, 'StreamResourcePolicy', { value: text, description: `For the stream's owner, ${streamOwner}` });
    const shown = Token.isUnresolved(text) ? 'the output StreamResourcePolicy' : text;
    Annotations.of(this).addInfoV2(
      'millrace:stream-resource-policy',
      `before this is deployed, the account ${streamOwner} attaches to its stream: ${shown}`,
    );
    return policy;
  }

  private refuseElsewhere(what: string, theirs: string): void {
    const { region } = Stack.of(this);
    if (Token.compareStrings(theirs, region) !== TokenComparison.DIFFERENT) return;
    refuse(this, `${what} must be in the pipeline's region ${region}, got one in ${theirs}`);
  }
}

const feedOf = ({ source }: SubscriptionProps) => (source.isKinesis ? 'kinesis' : 'table');
