import type { Report, ShardFigures, WalkEvent, WalkSummary } from '../core/walk-event.ts';

/** Counts a walk's events on their way to whoever wants them. */
export interface WalkTally {
  readonly report: Report;
  readonly summary: (reason: WalkSummary['reason'], durationMs: number) => WalkSummary;
}

/** A tally in front of a report. */
export function walkTally(report: Report): WalkTally {
  const counts = { records: 0, batches: 0, failures: 0, pages: 0, stateWrites: 0, gaps: 0 };
  let shards: ShardFigures = { openShards: 0, waitingShards: 0, finishedShards: 0, haltedShards: 0, lagMs: 0 };
  const count = (event: WalkEvent): void => {
    switch (event.kind) {
      case 'batch-delivered':
        counts.records += event.records;
        counts.batches++;
        break;
      case 'batch-failed':
      case 'batch-refused':
      case 'delivery-unanswered':
        counts.failures++;
        break;
      case 'page-read':
        counts.pages++;
        break;
      case 'state-written':
        counts.stateWrites++;
        break;
      case 'gap':
        counts.gaps++;
        break;
      case 'shards-seen': {
        const { kind: _kind, activeWorkers: _workers, ...figures } = event;
        shards = figures;
        break;
      }
    }
  };
  return {
    report: (event) => {
      count(event);
      report(event);
    },
    summary: (reason, durationMs) => ({ reason, durationMs, ...counts, ...shards }),
  };
}
