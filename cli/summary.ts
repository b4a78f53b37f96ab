import { type ChangeTally, percentile } from './change-tally.ts';
import type { WalkTally } from './walk-tally.ts';

/** The order in which kinds of change are told; others follow. */
const KINDS = ['insert', 'modify', 'remove'];

/** A local run in three lines. */
export function summary(changes: ChangeTally, walks: WalkTally): string {
  const kinds = Object.keys(changes.kinds).toSorted((a, b) => rank(a) - rank(b));
  const byKind = kinds.map((kind) => `${changes.kinds[kind]} ${kind}`).join(', ') || 'none';
  const lag = [50, 99].map((percent) => `p${percent} ${milliseconds(percentile(changes.lagsMs, percent))}`).join(', ');
  return [
    `${counted(changes.total, 'change', 'changes')}: ${byKind}`,
    `lag from write to handler: ${lag}`,
    [
      counted(walks.shards, 'shard', 'shards'),
      counted(walks.batches, 'batch', 'batches'),
      counted(walks.stateWrites, 'state write', 'state writes'),
    ].join(', '),
  ].join('\n');
}

const rank = (kind: string): number => (KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length);
const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
const milliseconds = (ms: number | undefined): string => (ms === undefined ? 'unknown' : `${Math.round(ms)} ms`);
