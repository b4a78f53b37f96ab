import { METRIC_DIMENSIONS, METRIC_NAMESPACE, METRICS, type MetricName } from './metrics.ts';

/** Whose metrics a line carries. */
export type MetricOwner = { readonly [dimension in (typeof METRIC_DIMENSIONS)[number]]: string };

/**
 * One log line in CloudWatch's embedded metric format, which CloudWatch Logs turns into metrics.
 *
 * Written by hand because the dimensions must be exactly those that the constructs draw and alarm on.
 */
export function emfLine(owner: MetricOwner, values: Partial<Record<MetricName, number>>, nowMs: number): string {
  return JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [METRIC_DIMENSIONS],
          Metrics: Object.keys(values).map((name) => ({ Name: name, Unit: METRICS[name as MetricName] })),
        },
      ],
    },
    ...owner,
    ...values,
  });
}
