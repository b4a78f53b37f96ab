import { HANDLER_METRICS, METRIC_NAMESPACE } from '../core/handler-metrics.ts';
import type { EventRecord } from '../core/record.ts';

/** What one invocation of a handler did. */
export interface Tally {
  readonly handled: Map<string, number>;
  failed: number;
  /** Changes that went to their item's queue, or were handled out of it; `undefined` where none was. */
  parked?: number;
  redriven?: number;
  /** Items that are parked, as far as the invocation saw; `undefined` without parking. */
  parkedItems?: number;
  /** Changes of the Kinesis feed that were dropped: settled before, or older than one of their item that was. */
  repeated?: number;
  superseded?: number;
  /** Changes that are parked, and so settled, but not handled. */
  readonly waiting: Set<EventRecord>;
  /** Changes of a single-table design that no entity matches. */
  readonly unmatched: EventRecord[];
  /** From the oldest change's creation to now. */
  lagMs: number;
}

export interface MetricOptions {
  /** @default - the environment variable MILLRACE_PIPELINE, or the function's name */
  readonly pipeline?: string;
  /** @default - the environment variable MILLRACE_SUBSCRIPTION, or `direct` */
  readonly subscription?: string;
}

export const newTally = (): Tally => ({ handled: new Map(), failed: 0, waiting: new Set(), unmatched: [], lagMs: 0 });

/**
 * The lines in CloudWatch's embedded metric format that tell of an invocation: the changes handled by kind, and one with
 * failures and lag.
 *
 * Written by hand because the dimensions must be exactly those which the constructs draw and alarm on.
 */
export function metricLines(tally: Tally, dimensions: Required<MetricOptions>, nowMs: number): readonly string[] {
  const names = ['pipeline', 'subscription'];
  const line = (values: { readonly [metric: string]: number }, sets: readonly string[][], more: object): string =>
    JSON.stringify({
      _aws: {
        Timestamp: nowMs,
        CloudWatchMetrics: [
          {
            Namespace: METRIC_NAMESPACE,
            Dimensions: sets,
            Metrics: Object.keys(values).map((name) => ({ Name: name, Unit: unitOf(name) })),
          },
        ],
      },
      ...dimensions,
      ...more,
      ...values,
    });
  const handled = [...tally.handled].map(([kind, count]) =>
    line({ ChangesHandled: count }, [names, [...names, 'kind']], { kind }),
  );
  const unmatched: { readonly [metric: string]: number } =
    tally.unmatched.length === 0 ? {} : { ChangesUnmatched: tally.unmatched.length };
  const parking = {
    ...(tally.parked !== undefined && { Parked: tally.parked }),
    ...(tally.redriven !== undefined && { Redriven: tally.redriven }),
    ...(tally.parkedItems !== undefined && { ParkedItems: tally.parkedItems }),
  };
  const dropped = {
    ...(tally.repeated !== undefined && { ChangesRepeated: tally.repeated }),
    ...(tally.superseded !== undefined && { ChangesSuperseded: tally.superseded }),
  };
  const figures = {
    ChangesFailed: tally.failed,
    HandlerLagMilliseconds: tally.lagMs,
    ...unmatched,
    ...parking,
    ...dropped,
  };
  const rest = line(figures, [names], {});
  return [...handled, rest];
}

const unitOf = (name: string): string => HANDLER_METRICS[name as keyof typeof HANDLER_METRICS];
