import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Delivery } from './source.ts';
import type { Subscription } from './subscription.ts';
import type { SubscriptionProps } from './subscription-props.ts';
import { writtenMetric } from './written-metric.ts';

/** What a dashboard and alarms need to know of a subscription. */
export interface WatchedSubscription {
  readonly pipelineName: string;
  readonly subscriptionName: string;
  readonly delivery: Delivery;
  readonly handler: lambda.IFunction;
  /** Whether the handler parks what keeps failing: then it serves this subscription alone, and tells so under its name. */
  readonly isParking: boolean;
  /** The event source mapping's id, where changes take that path. */
  readonly mappingId?: string | undefined;
  /** What is written to the mapped table or stream; absent where its metrics are another account's. */
  readonly written?: cloudwatch.Metric | undefined;
  /**
   * How long a mapped stream keeps its records; absent where that is not known here. A walker asks the stream.
   * @default - 24 hours, the least that a stream has: an alarm may come early, and never late
   */
  readonly retention?: Duration | undefined;
  /** The queue of the on-failure destination, where it is one. */
  readonly onFailureQueueName?: string | undefined;
  /** Whether changes are delivered at all. */
  readonly isEnabled: boolean;
  /** Whether it is for all tables that match a pattern. @default false */
  readonly isForTables?: boolean | undefined;
  /** How long changes wait while a slice of a bootstrap's scan is read; absent where there is no bootstrap. */
  readonly scanSlice?: Duration | undefined;
}

/** A slice's length, unless the subscription says otherwise. */
const USUAL_SLICE = Duration.hours(1);

/** The facts of a subscription that has been made. */
export function watchedSubscription(
  subscription: Omit<Subscription, 'watched'>,
  { source, handler, parking, onFailure, enabled, bootstrap }: SubscriptionProps,
  pipelineName: string,
): WatchedSubscription {
  const { subscriptionName, delivery, mapping, streamResourcePolicy } = subscription;
  const { retentionHours } = source;
  const queueArn = onFailure?.kind === 'sqs' ? onFailure.arn : undefined;
  return {
    pipelineName,
    subscriptionName,
    delivery,
    handler,
    isParking: parking !== undefined,
    mappingId: mapping?.eventSourceMappingId,
    written:
      mapping && streamResourcePolicy === undefined ? writtenMetric(streamArnOf(mapping), source.isKinesis) : undefined,
    retention: retentionHours === undefined ? undefined : Duration.hours(retentionHours),
    onFailureQueueName: queueArn && Stack.of(handler).splitArn(queueArn, ArnFormat.NO_RESOURCE_NAME).resource,
    isEnabled: enabled ?? true,
    isForTables: source.isForTables,
    scanSlice: bootstrap && ((bootstrap === true ? undefined : bootstrap.slice) ?? USUAL_SLICE),
  };
}

/** The stream that a mapping reads. */
export const streamArnOf = (mapping: lambda.EventSourceMapping): string =>
  (mapping.node.defaultChild as lambda.CfnEventSourceMapping).eventSourceArn ?? '';
