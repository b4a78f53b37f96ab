import type { Logger } from '@aws-lambda-powertools/logger';
import { emfLine, type MetricOwner } from './core/emf.ts';
import type { Clock } from './core/ports.ts';
import type { Report, WalkEvent } from './core/walk-event.ts';
import { walkMetrics } from './core/walk-metrics.ts';

/**
 * Metrics are written once a minute, and at the end of a walk: CloudWatch draws minutes, and alarms count those that have one. A
 * little less, since figures come every ten seconds: a moment early would be ten seconds late.
 */
const METRICS_EVERY_MS = 55_000;

/** What a walk's report needs to speak. */
export interface WalkReportPorts {
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Takes a line in CloudWatch's embedded metric format, to be printed as it is. */
  readonly emit: (line: string) => void;
  readonly clock: Clock;
}

/** Turns a walk's events into structured log lines, one for each rare event and one for the walk, and into metrics. */
export function walkReport(owner: MetricOwner, { logger, emit, clock }: WalkReportPorts): Report {
  const metrics = walkMetrics();
  const repeated = repetitions();
  let writtenAtMs = clock.nowMs();
  return (event) => {
    const nowMs = clock.nowMs();
    metrics.count(event);
    const level = levelOf(event);
    const more = level === null ? null : repeated(event, nowMs);
    if (level !== null && more !== null) logger[level](event.kind, { ...owner, ...fieldsOf(event), ...more });
    const isDue = event.kind === 'shards-seen' && nowMs - writtenAtMs >= METRICS_EVERY_MS;
    if (!isDue && event.kind !== 'walk-ended') return;
    writtenAtMs = nowMs;
    emit(emfLine(owner, metrics.take(), nowMs));
  };
}

/** A call that fails is made again soon, for every shard: one line a minute tells of all that fail alike. */
const REPEATED_AFTER_MS = 60_000;

/** What a line says of those that were left out since the last of its kind; `null` where it is itself to be left out. */
function repetitions(): (event: WalkEvent, nowMs: number) => { readonly repeated?: number } | null {
  const known = new Map<string, { saidAtMs: number; leftOut: number }>();
  return (event, nowMs) => {
    if (event.kind !== 'source-failed' && event.kind !== 'state-failed') return {};
    const key = JSON.stringify([event.kind, event.operation, 'reason' in event ? event.reason : null]);
    const last = known.get(key);
    if (last !== undefined && nowMs - last.saidAtMs < REPEATED_AFTER_MS) {
      last.leftOut++;
      return null;
    }
    known.set(key, { saidAtMs: nowMs, leftOut: 0 });
    return last?.leftOut ? { repeated: last.leftOut } : {};
  };
}

/** Powertools keeps `message` for the line's own, and drops any other: an event's is its `detail`. */
function fieldsOf(event: WalkEvent): object {
  if (!('message' in event)) return event;
  const { message: detail, ...fields } = event;
  return { ...fields, detail };
}

/** How loud an event is: nothing is said of single pages, batches and writes. */
function levelOf(event: WalkEvent): 'debug' | 'info' | 'warn' | 'error' | null {
  switch (event.kind) {
    case 'page-read':
    case 'batch-delivered':
    case 'state-written':
    case 'records-skipped':
    case 'shards-seen':
    case 'tables-seen':
    case 'walk-started':
      return null;
    case 'slot-held':
    case 'slot-awaited':
    case 'slot-handed-over':
    case 'lease-claimed':
    case 'lease-released':
    case 'iterator-expired':
    case 'shards-listed':
    case 'tables-listed':
      return 'debug';
    case 'table-state':
      return event.state === 'broken' ? 'warn' : 'info';
    case 'walk-ended':
    case 'stream-found':
    case 'stream-drained':
    case 'shard-finished':
    case 'paused':
    case 'phase-changed':
      return 'info';
    case 'lease-lost':
    case 'children-not-visible':
    case 'source-missing':
    case 'source-failed':
    case 'state-failed':
    case 'batch-failed':
    case 'batch-refused':
    case 'delivery-unanswered':
      return 'warn';
    case 'gap':
    case 'batch-given-up':
    case 'destination-refused':
    case 'lineage-violated':
      return 'error';
  }
}
