import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MetricName } from '../shared/core/metrics.ts';
import { namesOf, ownMetric, type SubscriptionMetrics, subscriptionMetrics } from './subscription-metrics.ts';
import type { WatchedSubscription } from './watched-subscription.ts';

/** How a metric is looked at; what is left out is the metric's own. */
export interface MetricView {
  /** @default Duration.minutes(1) */
  readonly period?: cloudwatch.MetricOptions['period'];
  /** Not for metrics that are computed of others. @default - the metric's own */
  readonly statistic?: string;
  /** @default - the metric's name */
  readonly label?: string;
}

/** A construct that gives the metrics of its subscription, by the same names on both paths. */
export abstract class MeasuredSubscription extends Construct {
  /** What a dashboard and alarms know of it. */
  abstract readonly watched: WatchedSubscription;

  /** One of Millrace's own metrics by name; `docs/watching.md` tells them all. */
  metric(name: MetricName, view: MetricView = {}): cloudwatch.Metric {
    return ownMetric(namesOf(this.watched), name, view.statistic ?? 'Sum').with(view);
  }

  /** How old the oldest unread change can be, in milliseconds. */
  metricLag(view?: MetricView): cloudwatch.IMetric {
    return this.seen('lag', view);
  }

  /** Hours until the stream trims the oldest unread change. */
  metricHoursUntilLoss(view?: MetricView): cloudwatch.IMetric {
    return this.seen('hoursUntilLoss', view);
  }

  /** Records read from the source, before filters. */
  metricRecordsRead(view?: MetricView): cloudwatch.IMetric {
    return this.seen('recordsRead', view);
  }

  /** Records that the handler accepted. */
  metricRecordsDelivered(view?: MetricView): cloudwatch.IMetric {
    return this.seen('recordsDelivered', view);
  }

  /** Records that the filters kept from the handler. */
  metricRecordsFiltered(view?: MetricView): cloudwatch.IMetric {
    return this.seen('recordsFiltered', view);
  }

  /** Records of failed invocations, each time they fail. */
  metricRecordsFailed(view?: MetricView): cloudwatch.IMetric {
    return this.seen('recordsFailed', view);
  }

  /** Records that were given up and left in the on-failure destination. */
  metricRecordsGivenUp(view?: MetricView): cloudwatch.IMetric {
    return this.seen('recordsGivenUp', view);
  }

  /** What the on-failure destination did not take. */
  metricDestinationsRefused(view?: MetricView): cloudwatch.IMetric {
    return this.seen('destinationsRefused', view);
  }

  /** Changes that were parked. */
  metricParked(view?: MetricView): cloudwatch.Metric {
    return this.metric('Parked', view);
  }

  /** Items that are parked. */
  metricParkedItems(view?: MetricView): cloudwatch.Metric {
    return this.metric('ParkedItems', { statistic: 'Maximum', ...view });
  }

  /** Changes that may have been lost, as far as the walker tells; a mapping cannot. */
  metricGaps(view?: MetricView): cloudwatch.Metric {
    return this.metric('Gaps', view);
  }

  private seen(name: keyof SubscriptionMetrics, view: MetricView = {}): cloudwatch.IMetric {
    const metric = subscriptionMetrics(this.watched)[name];
    if (metric instanceof cloudwatch.Metric) return metric.with(view);
    const { period, label } = view;
    const shown = { ...(period && { period }), ...(label && { label }) };
    return metric instanceof cloudwatch.MathExpression ? metric.with(shown) : (metric as cloudwatch.IMetric);
  }
}
