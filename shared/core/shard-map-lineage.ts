import type { MappedShard, ShardMap } from './shard-map.ts';
import { type Lane, lanesOf } from './shard-map-lanes.ts';
import { type Box, cutTo, escaped, gapMark, mark, px, textAt } from './shard-map-marks.ts';
import type { MapColours } from './shard-map-theme.ts';
import { durationText } from './shard-map-words.ts';

/** So many unfinished shards can be drawn with their names; more are tiles. */
export const MOST_LANES = 40;

/** Up to so many lanes, a shard has room for two lines. */
const ROOMY_LANES = 12;
const WIDEST_BOX = 230;
const NARROWEST_BOX = 128;
const GAP_BETWEEN = 30;
const HEADER = 20;

interface Layout {
  /** Finished shards need less room than others. */
  readonly finishedWidth: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  readonly laneHeight: number;
  /** The last generation that is drawn; what comes after it is counted. */
  readonly lastGeneration: number;
  readonly firstGeneration: number;
}

/** Shards as boxes with their names, generations from left to right, a line from each parent to its children. */
export function lineagePicture(map: ShardMap, colours: MapColours, width: number) {
  if (map.shards.length === 0) {
    const words = map.folded === 0 ? 'No shards yet: no walk has listed them.' : 'Every shard is finished.';
    return { svg: textAt(0, 16, words, colours.quiet), height: 24 };
  }
  const generations = map.shards.map((shard) => shard.generation);
  const first = Math.min(...generations);
  const last = Math.min(Math.max(...generations), first + columnsThatFit(width) - 1);
  const drawn = lanesOf(map.shards.filter((shard) => shard.generation <= last));
  const layout = layoutOf(drawn, first, last, width);
  const boxes = new Map(drawn.map((lane) => [lane.shard.shardId, boxOf(lane, layout)]));
  const lines = drawn.flatMap(({ shard }) =>
    shard.parents.flatMap((parent) => {
      const [from, to] = [boxes.get(parent), boxes.get(shard.shardId)];
      return from && to ? [edge(from, to, colours)] : [];
    }),
  );
  const count = Math.max(...drawn.map(({ lane }) => lane)) + 1;
  return {
    svg:
      headers(map, layout, colours) +
      lines.join('') +
      drawn.map(({ shard }) => shardBox(shard, boxes.get(shard.shardId)!, layout, colours)).join(''),
    height: HEADER + count * layout.laneHeight,
  };
}

const columnsThatFit = (width: number): number =>
  Math.max(1, Math.floor((width + GAP_BETWEEN) / (NARROWEST_BOX + GAP_BETWEEN)));

function layoutOf(lanes: readonly Lane[], firstGeneration: number, lastGeneration: number, width: number): Layout {
  const columns = lastGeneration - firstGeneration + 1;
  const finishedWidth = firstGeneration === 0 ? NARROWEST_BOX : 0;
  const [taken, wide] =
    firstGeneration === 0 && columns > 1 ? [finishedWidth + GAP_BETWEEN, columns - 1] : [0, columns];
  const boxWidth = Math.min(WIDEST_BOX, (width - taken - (wide - 1) * GAP_BETWEEN) / wide);
  const isRoomy = Math.max(...lanes.map(({ lane }) => lane)) < ROOMY_LANES;
  const boxHeight = isRoomy ? 38 : 20;
  const laneHeight = boxHeight + (isRoomy ? 10 : 4);
  return { finishedWidth, boxWidth, boxHeight, laneHeight, firstGeneration, lastGeneration };
}

function boxOf({ shard, lane }: Lane, layout: Layout): Box {
  const { finishedWidth, boxWidth, boxHeight, laneHeight } = layout;
  const width = shard.generation === 0 ? finishedWidth : boxWidth;
  return { x: columnX(shard.generation, layout), y: HEADER + lane * laneHeight, width, height: boxHeight };
}

function columnX(generation: number, { finishedWidth, boxWidth, firstGeneration }: Layout): number {
  if (generation === 0) return 0;
  const before = firstGeneration === 0 ? finishedWidth + GAP_BETWEEN : 0;
  return before + (generation - Math.max(1, firstGeneration)) * (boxWidth + GAP_BETWEEN);
}

/** A name over each generation. */
function headers({ shards, folded }: ShardMap, layout: Layout, colours: MapColours): string {
  const { firstGeneration, lastGeneration } = layout;
  const beyond = shards.filter((shard) => shard.generation > lastGeneration).length;
  return Array.from({ length: lastGeneration - firstGeneration + 1 }, (_, column) => {
    const generation = firstGeneration + column;
    const name =
      generation === 0
        ? `finished${folded > 0 ? `, and ${folded} before` : ''}`
        : generation === 1
          ? 'readable now'
          : `waiting${generation > 2 ? `, generation ${generation - 1}` : ''}`;
    const more = generation === lastGeneration && beyond > 0 ? `, and ${beyond} after` : '';
    return textAt(columnX(generation, layout), 11, name + more, colours.quiet, { size: 11 });
  }).join('');
}

function edge(from: Box, to: Box, colours: MapColours): string {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  return `<path d="M${px(x1)} ${px(y1)}C${px(middle)} ${px(y1)} ${px(middle)} ${px(y2)} ${px(x2)} ${px(y2)}" fill="none" stroke="${colours.line}" stroke-width="1.5"/>`;
}

function shardBox(shard: MappedShard, box: Box, { boxHeight }: Layout, colours: MapColours): string {
  const { x, y, width } = box;
  const isRoomy = boxHeight > 30;
  const isFinished = shard.state === 'finished';
  const ink = isFinished ? colours.quiet : colours.text;
  const left = x + (isRoomy ? 24 : 18);
  const lag = shard.lagMs === null ? '' : durationText(shard.lagMs);
  const room = width - (left - x) - 6;
  const isReadable = shard.state === 'read' || shard.state === 'free';
  const second = isReadable ? `${shard.owner} · ${shard.position}` : shard.owner;
  const frame = `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${boxHeight}" rx="3" fill="${colours.blank}" stroke="${colours.line}"/>`;
  return (
    `<g><title>${escaped(shard.details.join('\n'))}</title>${frame}` +
    mark({ x: x + 4, y: y + 4, width: isRoomy ? 14 : 10, height: boxHeight - 8 }, shard, colours) +
    textAt(
      left,
      y + (isRoomy ? 16 : 14),
      cutTo(shard.name, room - (lag === '' ? 0 : lag.length * 7 + 6), isFinished ? 11.5 : 13),
      ink,
      {
        size: 11.5,
        bold: !isFinished,
      },
    ) +
    (lag === '' ? '' : textAt(x + width - 6, y + (isRoomy ? 16 : 14), lag, ink, { size: 11.5, anchor: 'end' })) +
    (isRoomy ? textAt(left, y + 31, cutTo(second, room, 10.5), colours.quiet, { size: 10.5 }) : '') +
    (shard.hasGap ? gapMark(box, colours) : '') +
    '</g>'
  );
}
