import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { STREAM_RETENTION_MS } from '../shared/core/gap.ts';
import { METRIC_NAMESPACE, METRICS, type MetricName } from '../shared/core/metrics.ts';
import { functionOf } from './handler-timeout.ts';
import type { WatchedSubscription } from './watched-subscription.ts';

/** CloudWatch draws minutes, and the walker writes once a minute. */
const PERIOD = Duration.minutes(1);

/**
 * A subscription's metrics under the same names on both paths; where a path has nothing of the kind, there is no metric.
 */
export interface SubscriptionMetrics {
  /** How old the oldest unread record can be (milliseconds). */
  readonly lag: cloudwatch.Metric;
  /** Hours until the stream trims the oldest unread record. */
  readonly hoursUntilLoss: cloudwatch.IMetric;
  /** Records read from the source, before filters. */
  readonly recordsRead: cloudwatch.Metric;
  /** Records that the handler accepted. */
  readonly recordsDelivered: cloudwatch.IMetric;
  /** Records that the filters kept from the handler. */
  readonly recordsFiltered: cloudwatch.IMetric;
  /** Records of failed invocations, each time they fail. */
  readonly recordsFailed: cloudwatch.IMetric;
  /** Records that were given up and left in the on-failure destination. */
  readonly recordsGivenUp: cloudwatch.IMetric;
  /** What the on-failure destination did not take. */
  readonly destinationsRefused: cloudwatch.IMetric;
  /** Changes that were parked; without data where the subscription does not park. */
  readonly parked: cloudwatch.IMetric;
  /** Items that are parked; the same. */
  readonly parkedItems: cloudwatch.IMetric;
  /** Changes that may have been lost: mappings cannot tell. */
  readonly gaps: cloudwatch.IMetric | undefined;
  /** Shards that a gap halts. */
  readonly haltedShards: cloudwatch.IMetric | undefined;
  readonly handlerDuration: cloudwatch.IMetric;
  readonly handlerErrors: cloudwatch.IMetric;
  readonly handlerThrottles: cloudwatch.IMetric;
}

export function subscriptionMetrics(subject: WatchedSubscription): SubscriptionMetrics {
  return subject.delivery === 'event-source-mapping' ? mappingMetrics(subject) : walkerMetrics(subject);
}

/** What a subscription's own metrics are found by. */
export interface MetricNames {
  readonly pipeline: string;
  readonly subscription: string;
}

export const namesOf = (subject: WatchedSubscription): MetricNames => ({
  pipeline: subject.pipelineName,
  subscription: subject.subscriptionName,
});

/** One of Millrace's own metrics of a subscription. */
export function ownMetric(names: MetricNames, metricName: MetricName, statistic: string): cloudwatch.Metric {
  const unit = METRICS[metricName] === 'Milliseconds' ? cloudwatch.Unit.MILLISECONDS : undefined;
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { pipeline: names.pipeline, subscription: names.subscription },
    statistic,
    period: PERIOD,
    ...(unit && { unit }),
  });
}

function walkerMetrics(subject: WatchedSubscription): SubscriptionMetrics {
  const names = namesOf(subject);
  const sum = (name: MetricName): cloudwatch.Metric => ownMetric(names, name, 'Sum');
  return {
    lag: ownMetric(names, 'LagMilliseconds', 'Maximum'),
    hoursUntilLoss: ownMetric(names, 'HoursUntilLoss', 'Minimum'),
    recordsRead: sum('RecordsRead'),
    recordsDelivered: sum('RecordsDelivered'),
    recordsFiltered: sum('RecordsFiltered'),
    recordsFailed: sum('RecordsFailed'),
    recordsGivenUp: sum('RecordsGivenUp'),
    destinationsRefused: sum('DestinationsRefused'),
    gaps: sum('Gaps'),
    haltedShards: ownMetric(names, 'HaltedShards', 'Maximum'),
    ...handlerMetrics(subject),
  };
}

/** Lambda's own metrics of a mapping; those of the EventCount group have to be asked for, and are. */
function mappingMetrics(subject: WatchedSubscription): SubscriptionMetrics {
  const counted = (metricName: string): cloudwatch.Metric =>
    new cloudwatch.Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { EventSourceMappingUUID: subject.mappingId ?? '' },
      statistic: 'Sum',
      period: PERIOD,
    });
  const lag = ofFunction(subject, 'IteratorAge', 'Maximum');
  const retentionMs = subject.retention?.toMilliseconds() ?? STREAM_RETENTION_MS;
  const [invoked, failed] = [counted('InvokedEventCount'), counted('FailedInvokeEventCount')];
  return {
    lag,
    hoursUntilLoss: new cloudwatch.MathExpression({
      expression: `(${retentionMs} - age) / 3600000`,
      usingMetrics: { age: lag },
      label: 'HoursUntilLoss',
      period: PERIOD,
    }),
    recordsRead: counted('PolledEventCount'),
    recordsDelivered: new cloudwatch.MathExpression({
      // A metric without any value is no zero, not even for FILL.
      expression: 'invoked - MAX([failed, none])',
      usingMetrics: {
        invoked,
        failed,
        none: new cloudwatch.MathExpression({ expression: '0 * invoked', usingMetrics: { invoked }, period: PERIOD }),
      },
      label: 'RecordsDelivered',
      period: PERIOD,
    }),
    recordsFiltered: counted('FilteredOutEventCount'),
    recordsFailed: failed,
    recordsGivenUp: counted('OnFailureDestinationDeliveredEventCount'),
    destinationsRefused: ofFunction(subject, 'DestinationDeliveryFailures', 'Sum'),
    gaps: undefined,
    haltedShards: undefined,
    ...handlerMetrics(subject),
  };
}

function handlerMetrics(subject: WatchedSubscription) {
  return {
    parked: ownMetric(namesOf(subject), 'Parked', 'Sum'),
    parkedItems: ownMetric(namesOf(subject), 'ParkedItems', 'Maximum'),
    handlerDuration: ofFunction(subject, 'Duration', 'p99'),
    handlerErrors: ofFunction(subject, 'Errors', 'Sum'),
    handlerThrottles: ofFunction(subject, 'Throttles', 'Sum'),
  };
}

/** A metric of the handler's function, whatever version or alias is invoked. */
const ofFunction = ({ handler }: WatchedSubscription, metricName: string, statistic: string): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionOf(handler).functionName },
    statistic,
    period: PERIOD,
  });
