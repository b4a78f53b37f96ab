import { positionText } from './gap.ts';
import type { LeaseRow } from './lease.ts';
import { durationText, momentText } from './shard-map-words.ts';

/** What the row alone does not tell. */
interface Seen {
  readonly owner: string;
  readonly lagMs: number | null;
}

/** All that is known of a shard, a line for each: what a hover shows. */
export function shardDetails(row: LeaseRow, { owner, lagMs }: Seen): readonly string[] {
  const { gap, position, attempts, claimant } = row;
  return [
    row.shardId,
    `owner: ${owner}${row.owner === null ? '' : `, lease until ${momentText(row.expiresAtMs)}, epoch ${row.epoch}`}`,
    ...(claimant === null ? [] : ['asked for by another worker']),
    ...(lagMs === null ? [] : [`lag: ${durationText(lagMs)}`]),
    `position: ${positionText(position)}${position.notBefore === undefined ? '' : `, not before ${momentText(position.notBefore)}`}`,
    ...moment('last settled record', row.lastRecordAtMs),
    ...moment('seen without unread records', row.caughtUpAtMs),
    ...moment('finished', row.finishedAtMs),
    ...(attempts === 0 ? [] : [`failed ${attempts === 1 ? 'once' : `${attempts} times`} at this position`]),
    ...(gap === null
      ? []
      : [`gap (${gap.status}): ${gap.reason}, ${gap.after}, found ${momentText(gap.detectedAtMs)}`]),
    ...(row.parents.length === 0 ? [] : [`parent: ${row.parents.join(', ')}`]),
  ];
}

const moment = (what: string, ms: number | null): readonly string[] =>
  ms === null ? [] : [`${what}: ${momentText(ms)}`];
