import type { LagLevel, MappedShard, ShardMap, ShardState } from './shard-map.ts';
import { childrenOf } from './shard-map-lanes.ts';
import { durationText } from './shard-map-words.ts';

/** How a map is printed. */
export interface TextOptions {
  /** The most lines for shards; what is left out is counted. @default 40 */
  readonly lines?: number;
  /** Paints a shard's line for its lag, where a terminal can. @default - no colour */
  readonly paint?: (level: LagLevel, text: string) => string;
}

/** The state as a letter's breadth: all of these are in every font of a terminal. */
const SIGNS: Readonly<Record<ShardState, string>> = {
  read: '●',
  free: '○',
  waiting: '◌',
  halted: '×',
  childless: '◇',
  finished: '·',
};

/** The filling of the picture's gauge. */
const BARS = ['▁', '▃', '▅', '▆', '█'] as const;

/**
 * A map for a terminal: the lineage as a tree, drawn with box characters, with the state, lag, owner and position of
 * each shard. When there are more shards than lines, those furthest behind are shown.
 */
export function shardMapText(map: ShardMap, options: TextOptions = {}): string {
  const { lines: most = 40, paint = (_level, text) => text } = options;
  const isWhole = map.shards.length <= most;
  const shown = new Set(isWhole ? map.shards : worst(map.shards, most));
  const tree = treeLines(map.shards.filter((shard) => shown.has(shard)));
  const width = Math.max(0, ...tree.map(({ branch, shard }) => branch.length + shard.name.length + 2));
  const body = tree.map(({ branch, shard }) =>
    paint(shard.level, `${`${branch}${SIGNS[shard.state]} ${shard.name}`.padEnd(width)}  ${told(shard)}`.trimEnd()),
  );
  const unfinished = map.shards.filter((shard) => shard.state !== 'finished');
  const left = unfinished.filter((shard) => !shown.has(shard)).length;
  return [
    heading(map),
    ...(map.shards.length === 0 && map.folded === 0 ? ['no shards yet: no walk has listed them'] : []),
    ...(isWhole && map.folded > 0 ? [`${map.folded} finished before`] : []),
    ...body,
    ...(left > 0 ? [`and ${left} more, none of them further behind`] : []),
  ].join('\n');
}

function heading(map: ShardMap): string {
  const { counts } = map;
  const shards = map.shards.length + map.folded;
  const parts = [
    `${counts.read} read`,
    ...(counts.free > 0 ? [`${counts.free} free`] : []),
    ...(counts.waiting > 0 ? [`${counts.waiting} waiting`] : []),
    ...(counts.halted > 0 ? [`${counts.halted} halted at a gap`] : []),
    ...(counts.childless > 0 ? [`${counts.childless} with children to come`] : []),
    ...(counts.finished > 0 ? [`${counts.finished} finished`] : []),
  ];
  const lag = `lag ${durationText(map.lagMs)}, ${map.hoursUntilLoss.toFixed(1)} h until loss`;
  const name = map.isPaused ? `${map.subscription} (paused)` : map.subscription;
  return `${name}: ${shards} ${shards === 1 ? 'shard' : 'shards'} (${parts.join(', ')}); ${lag}`;
}

function told(shard: MappedShard): string {
  const isReadable = shard.state === 'read' || shard.state === 'free';
  const lag = shard.lagMs === null ? '' : `${BARS[shard.level]} ${durationText(shard.lagMs)}`;
  return [lag.padEnd(11), shard.owner, ...(isReadable ? [shard.position] : []), ...(shard.hasGap ? ['gap'] : [])].join(
    '  ',
  );
}

/** The shards furthest behind, and those in trouble first of all. */
const worst = (shards: readonly MappedShard[], most: number): readonly MappedShard[] =>
  shards
    .filter((shard) => shard.state !== 'finished')
    .toSorted((a, b) => Number(b.state === 'halted') - Number(a.state === 'halted') || (b.lagMs ?? 0) - (a.lagMs ?? 0))
    .slice(0, most);

interface Line {
  readonly branch: string;
  readonly shard: MappedShard;
}

/** Depth first, each shard once: below the first of its parents that is shown. */
function treeLines(shards: readonly MappedShard[]): readonly Line[] {
  const byId = new Map(shards.map((shard) => [shard.shardId, shard]));
  const children = childrenOf(shards);
  const seen = new Set<string>();
  const lines: Line[] = [];
  const add = (shard: MappedShard, before: string, last: boolean | null): void => {
    seen.add(shard.shardId);
    lines.push({ branch: last === null ? '' : `${before}${last ? '└─' : '├─'} `, shard });
    const below = last === null ? '' : `${before}${last ? '   ' : '│  '}`;
    const next = (children.get(shard.shardId) ?? []).map((id) => byId.get(id)).filter((child) => child !== undefined);
    const unseen = next.filter((child) => !seen.has(child.shardId));
    unseen.forEach((child, index) => {
      if (!seen.has(child.shardId)) add(child, below, index === unseen.length - 1);
    });
  };
  const roots = shards.filter((shard) => !shard.parents.some((parent) => byId.has(parent)));
  for (const shard of [...roots, ...shards].toSorted(byLineage(new Set(roots)))) {
    if (!seen.has(shard.shardId)) add(shard, '', null);
  }
  return lines;
}

const byLineage =
  (roots: ReadonlySet<MappedShard>) =>
  (a: MappedShard, b: MappedShard): number =>
    Number(roots.has(b)) - Number(roots.has(a)) || (a.shardId < b.shardId ? -1 : 1);
