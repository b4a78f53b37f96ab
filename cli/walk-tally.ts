import type { Report, WalkEvent } from '../shared/core/walk-event.ts';

/** What walks did, for the summary of a local run. */
export interface WalkTally {
  readonly shards: number;
  readonly batches: number;
  readonly stateWrites: number;
}

/** Counts what walks report, and hands on in words what went wrong. */
export function walkCounter(complain: (message: string) => void): {
  readonly report: Report;
  readonly tally: () => WalkTally;
} {
  const shards = new Set<string>();
  let batches = 0;
  let stateWrites = 0;
  return {
    report: (event) => {
      if (event.kind === 'lease-claimed') shards.add(event.shardId);
      if (event.kind === 'batch-delivered') batches += 1;
      if (event.kind === 'state-written') stateWrites += 1;
      const problem = problemOf(event);
      if (problem !== undefined) complain(problem);
    },
    tally: () => ({ shards: shards.size, batches, stateWrites }),
  };
}

/** What somebody who looks on should know of, in one line. */
function problemOf(event: WalkEvent): string | undefined {
  switch (event.kind) {
    case 'source-missing':
    case 'source-failed':
    case 'state-failed':
    case 'batch-failed':
    case 'batch-refused':
    case 'delivery-unanswered':
    case 'lineage-violated':
      return `${event.kind}: ${event.message}`;
    case 'gap':
      return `gap: changes may have been lost in ${event.gap.shardId} after ${event.gap.after} (${event.gap.reason})`;
    default:
      return undefined;
  }
}
