import { styleText } from 'node:util';
import type { ShardMap } from '../../shared/core/shard-map.ts';
import { shardMapText } from '../../shared/core/shard-map-text.ts';
import type { StatusReport } from '../verbs/status-report.ts';
import { isOver, runText } from './run-text.ts';
import { type Column, tableText } from './table.ts';
import { durationText } from './words.ts';

const COLUMNS: readonly Column[] = [
  { head: 'subscription' },
  { head: 'path' },
  { head: 'phase' },
  { head: 'lag', align: 'right' },
  { head: 'until loss', align: 'right' },
  { head: 'parked', align: 'right' },
  { head: 'open', align: 'right' },
  { head: 'waiting', align: 'right' },
  { head: 'finished', align: 'right' },
  { head: 'halted', align: 'right' },
  { head: 'workers', align: 'right' },
  { head: 'gaps', align: 'right' },
  { head: 'last walk', align: 'right' },
];

const COLOURS: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  paused: 'yellow',
  stopped: 'red',
  switching: 'yellow',
  listing: 'yellow',
  halted: 'red',
  scanning: 'green',
  reading: 'green',
  enabled: 'green',
  disabled: 'red',
  broken: 'red',
  vanished: 'yellow',
  unmatched: 'yellow',
};

/** Subscriptions as a table, each with its tree of shards where that was asked for. */
export function statusText(report: StatusReport, nowMs: number, stream: NodeJS.WritableStream): string {
  if (report.subscriptions.length === 0) {
    return 'there are no subscriptions; walked ones are in a state table (--state-table)';
  }
  const table = tableText(
    COLUMNS,
    report.subscriptions.map((one) => row(one, nowMs, stream)),
  );
  const trees = report.subscriptions.flatMap((one) =>
    one.path === 'walker' && one.shards
      ? [one.map ? drawn(one.map, stream) : `${one.subscription}: no shards yet`]
      : [],
  );
  const isOnlyOne = report.subscriptions.length === 1;
  const runs = report.subscriptions.flatMap((one) =>
    one.path === 'walker' && one.run && (isOnlyOne || !isOver(one.run))
      ? [`${one.subscription}: ${runText(one.run, nowMs, stream)}`]
      : [],
  );
  return [table, ...(runs.length > 0 ? [runs.join('\n')] : []), ...trees].join('\n\n');
}

function row(
  one: StatusReport['subscriptions'][number],
  nowMs: number,
  stream: NodeJS.WritableStream,
): readonly string[] {
  const { lagMs, hoursUntilLoss } = one;
  const common = [
    one.subscription,
    one.path,
    styleText(COLOURS[one.phase] ?? 'yellow', one.phase, { stream }),
    lagMs === null ? '-' : durationText(lagMs),
    hoursUntilLoss === null ? '-' : durationText(hoursUntilLoss * 3_600_000),
    one.parked === null ? '-' : String(one.parked),
  ];
  if (one.path === 'mapping') return [...common, ...COLUMNS.slice(common.length).map(() => '-')];
  const { openShards, waitingShards, finishedShards, haltedShards, workers, gaps, lastWalkAtMs } = one;
  return [
    ...common,
    ...[openShards, waitingShards, finishedShards, haltedShards, workers, gaps].map(String),
    lastWalkAtMs === null ? 'never' : `${durationText(nowMs - lastWalkAtMs)} ago`,
  ];
}

const LEVELS = ['green', 'yellow', 'yellow', 'red', 'red'] as const;

const drawn = (map: ShardMap, stream: NodeJS.WritableStream): string =>
  shardMapText(map, { paint: (level, line) => styleText(LEVELS[level], line, { stream }) });
