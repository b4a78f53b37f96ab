import { hoursUntilLoss } from './lag.ts';
import type { MetricName } from './metrics.ts';
import type { RunProgress } from './scan-progress.ts';
import type { WalkEvent } from './walk-event.ts';

type WalkValues = Partial<Record<MetricName, number>>;

/** Metrics counted from a walk's events since they were last taken. */
export interface WalkMetrics {
  readonly count: (event: WalkEvent) => void;
  /** The counts so far, which begin anew. */
  readonly take: () => WalkValues;
}

/** Counts that begin at zero. */
export function walkMetrics(): WalkMetrics {
  let values: WalkValues = {};
  const add = (name: MetricName, by = 1): void => {
    values[name] = (values[name] ?? 0) + by;
  };
  const count = (event: WalkEvent): void => {
    switch (event.kind) {
      case 'page-read':
        add('PagesRead');
        add('RecordsRead', event.records);
        break;
      case 'records-skipped':
        add('RecordsFiltered', event.records);
        break;
      case 'batch-delivered':
        add('BatchesDelivered');
        add('RecordsDelivered', event.records);
        break;
      case 'batch-failed':
        add('BatchesFailed');
        add('RecordsFailed', event.records);
        break;
      case 'delivery-unanswered':
        add('BatchesFailed');
        break;
      case 'batch-given-up':
        add('RecordsGivenUp', event.records);
        break;
      case 'destination-refused':
        add('DestinationsRefused');
        break;
      case 'source-failed':
        add('SourceFailures');
        break;
      case 'state-failed':
        add('StateFailures');
        break;
      case 'batch-refused':
        add('BatchesRefused');
        break;
      case 'state-written':
        add('StateWrites');
        break;
      case 'lease-lost':
        add('LeasesLost');
        break;
      case 'gap':
        add('Gaps');
        break;
      case 'shards-seen': {
        const { openShards, waitingShards, finishedShards, haltedShards, lagMs, retentionMs, activeWorkers } = event;
        Object.assign(values, { OpenShards: openShards, WaitingShards: waitingShards, FinishedShards: finishedShards });
        Object.assign(values, { HaltedShards: haltedShards, ActiveWorkers: activeWorkers });
        Object.assign(values, { LagMilliseconds: lagMs, HoursUntilLoss: hoursUntilLoss(lagMs, retentionMs) });
        if (event.run !== undefined) Object.assign(values, runValues(event.run));
        break;
      }
      case 'tables-seen':
        Object.assign(values, { Tables: event.active, BrokenTables: event.broken });
        break;
      case 'walk-ended':
        add('Walks');
        add('WalkMilliseconds', event.summary.durationMs);
        if (event.summary.reason === 'failed') add('WalksFailed');
        break;
    }
  };
  return {
    count,
    take: () => {
      const taken = values;
      values = {};
      return taken;
    },
  };
}

/** What is not known has no metric: it is no zero. */
const runValues = ({ items, share, segments, segmentsDone, leftMs }: RunProgress): WalkValues => ({
  RunItems: items,
  RunSegmentsLeft: segments - segmentsDone,
  ...(share !== null && { RunPercent: share * 100 }),
  ...(leftMs !== null && { RunHoursLeft: leftMs / 3_600_000 }),
});
