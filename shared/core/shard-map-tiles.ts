import type { MappedShard, ShardMap } from './shard-map.ts';
import { escaped, mark, textAt } from './shard-map-marks.ts';
import type { MapColours } from './shard-map-theme.ts';
import { durationText } from './shard-map-words.ts';

/** The shards that are named although there are many. */
const NAMED = 6;
const GUTTER = 2;

/** Shards as tiles, a panel for each generation, the furthest behind first; those are also named. */
export function tilesPicture(map: ShardMap, colours: MapColours, width: number) {
  const open = map.shards.filter((shard) => shard.generation > 0).toSorted(worstFirst);
  const generations = [...new Set(open.map((shard) => shard.generation))].toSorted((a, b) => a - b);
  const size = open.length <= 300 ? 18 : open.length <= 900 ? 14 : 10;
  let y = 0;
  const parts: string[] = [];
  const named = open.filter((shard) => shard.level > 0 || shard.state === 'halted').slice(0, NAMED);
  if (named.length > 0) {
    parts.push(textAt(0, 11, 'furthest behind', colours.quiet, { size: 11 }));
    y = 18;
    for (const shard of named) {
      parts.push(nameLine(shard, y, colours, width));
      y += 18;
    }
    y += 8;
  }
  for (const generation of generations) {
    const shards = open.filter((shard) => shard.generation === generation);
    const title =
      generation === 1 ? 'readable now' : `waiting${generation > 2 ? `, generation ${generation - 1}` : ''}`;
    parts.push(textAt(0, y + 11, `${title}: ${shards.length}`, colours.quiet, { size: 11 }));
    y += 18;
    const perRow = Math.max(1, Math.floor((width + GUTTER) / (size + GUTTER)));
    shards.forEach((shard, index) => {
      const box = {
        x: (index % perRow) * (size + GUTTER),
        y: y + Math.floor(index / perRow) * (size + GUTTER),
        width: size,
        height: size,
      };
      parts.push(
        `<g><title>${escaped(shard.details.join('\n'))}</title>${mark(box, shard, colours)}${gapDot(shard, box, colours)}</g>`,
      );
    });
    y += Math.ceil(shards.length / perRow) * (size + GUTTER) + 10;
  }
  return { svg: parts.join(''), height: y - 10 };
}

const worstFirst = (a: MappedShard, b: MappedShard): number =>
  Number(b.state === 'halted') - Number(a.state === 'halted') ||
  (b.lagMs ?? 0) - (a.lagMs ?? 0) ||
  (a.shardId < b.shardId ? -1 : 1);

function nameLine(shard: MappedShard, y: number, colours: MapColours, width: number): string {
  const words = [shard.owner, shard.position, ...(shard.hasGap ? ['gap'] : [])].join(' · ');
  const lag = shard.lagMs === null ? '' : durationText(shard.lagMs);
  return (
    `<g><title>${escaped(shard.details.join('\n'))}</title>${mark({ x: 0, y, width: 13, height: 13 }, shard, colours)}` +
    textAt(20, y + 11, shard.name, colours.text, { size: 11.5, bold: true }) +
    textAt(140, y + 11, lag, colours.text, { size: 11.5 }) +
    (width < 420 ? '' : textAt(215, y + 11, words, colours.quiet, { size: 11 })) +
    '</g>'
  );
}

const gapDot = (shard: MappedShard, box: { readonly x: number; readonly y: number }, colours: MapColours): string =>
  shard.hasGap && shard.state !== 'halted' ? `<path d="M${box.x} ${box.y}h5l-5 5z" fill="${colours.text}"/>` : '';
