import type { ShardRewind } from '../../shared/core/operations-plan.ts';
import type { RewindPreview } from '../../shared/operations.ts';
import { counted, durationText, timeText } from './words.ts';

/** What a rewind or an import would mean, in words. */
export function rewindText(subscription: string, preview: RewindPreview, nowMs: number): string {
  if (preview.kind !== 'plan') return `${subscription} is not there yet: it begins at these positions, paused`;
  const { plan, isListed } = preview;
  if (!isListed) {
    return `the current generation of ${subscription} has listed nothing yet: what earlier ones delivered comes again from there on`;
  }
  const again = plan.shards.filter(({ is }) => is === 'read-again');
  const passed = plan.shards.filter(({ is }) => is === 'passed-over');
  return [
    again.length === 0
      ? 'no change that was delivered comes again'
      : `delivered again: every change ${span(plan.againFromMs, plan.againToMs)}, of ${counted(again.length, 'shard', 'shards')}`,
    ...(plan.goneBeforeMs === null
      ? []
      : [`gone for good: what was written before ${timeText(plan.goneBeforeMs)}; streams keep 24 hours`]),
    ...passed.map((shard) => `NEVER delivered: what ${shard.shardId} may hold unread ${spanOf(shard)}`),
    ...(again.length === 0
      ? []
      : [`the newest of them is ${ago(plan.againToMs, nowMs)}; a handler that is not idempotent does them twice`]),
  ].join('\n');
}

const spanOf = ({ fromMs, toMs }: ShardRewind): string => span(fromMs, toMs);

const span = (fromMs: number | null, toMs: number | null): string =>
  [
    ...(fromMs === null ? [] : [`since ${timeText(fromMs)}`]),
    ...(toMs === null ? [] : [`up to ${timeText(toMs)}`]),
  ].join(' ');

const ago = (ms: number | null, nowMs: number): string =>
  ms === null ? 'of unknown age' : `${durationText(nowMs - ms)} old`;
