import type { MappedShard, ShardMap } from './shard-map.ts';
import { lineagePicture, MOST_LANES } from './shard-map-lineage.ts';
import { cutTo, gapMark, mark, px, STATE_WORDS, textAt } from './shard-map-marks.ts';
import { coloursOf, LEVEL_WORDS, type MapColours, type MapTheme } from './shard-map-theme.ts';
import { tilesPicture } from './shard-map-tiles.ts';
import { durationText } from './shard-map-words.ts';

/** How a map is drawn. */
export interface PictureOptions {
  readonly theme: MapTheme;
  /** Pixels; at least 320. The height follows from the shards. */
  readonly width: number;
  /** Whether the theme's background is painted, for pictures outside of a dashboard. @default false */
  readonly hasBackground?: boolean;
}

/** A part of a picture, drawn from its own top left corner. */
export interface Part {
  readonly svg: string;
  readonly height: number;
}

const MARGIN = 12;
const NARROWEST = 320;

/**
 * A map as SVG, without scripts, references or style sheets. Few shards are drawn as their lineage, many as tiles;
 * hovering over a shard tells its numbers.
 */
export function shardMapSvg(map: ShardMap, options: PictureOptions): string {
  const colours = coloursOf(options.theme);
  const width = Math.max(NARROWEST, Math.floor(options.width));
  const inner = width - 2 * MARGIN;
  const unfinished = map.shards.filter((shard) => shard.generation > 0);
  const isLineage = unfinished.length <= MOST_LANES;
  const parts = [
    heading(map, colours, inner),
    (isLineage ? lineagePicture : tilesPicture)(map, colours, inner),
    legend(isLineage ? map.shards : unfinished, colours, inner),
  ];
  let y = MARGIN;
  const placed = parts.map((part) => {
    const group = `<g transform="translate(${MARGIN} ${px(y)})">${part.svg}</g>`;
    y += part.height + MARGIN;
    return group;
  });
  const background = options.hasBackground ? `<rect width="100%" height="100%" fill="${colours.background}"/>` : '';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${px(y)}" viewBox="0 0 ${width} ${px(y)}" ` +
    `role="img" font-family="Helvetica, Arial, sans-serif">${background}${placed.join('')}</svg>`
  );
}

function heading(map: ShardMap, colours: MapColours, width: number): Part {
  const { counts, workers } = map;
  const readers = workers === 1 ? '1 worker' : `${workers} workers`;
  const isWide = width >= 560;
  const what = [
    `${counts.read} read${counts.read > 0 ? ` by ${readers}` : ''}`,
    ...(counts.free > 0 ? [`${counts.free} by nobody`] : []),
    ...(counts.waiting > 0 ? [`${counts.waiting} waiting`] : []),
    ...(counts.halted > 0 ? [`${counts.halted} halted at a gap`] : []),
    ...(counts.childless > 0 ? [`${counts.childless} with children to come`] : []),
    `${counts.finished} finished`,
  ];
  const lag = `lag ${durationText(map.lagMs)} · ${map.hoursUntilLoss.toFixed(1)} h until loss`;
  const name = map.isPaused ? `${map.subscription}, paused` : map.subscription;
  const [size, first] = isWide ? [12, 33] : [11, 50];
  const lines = linesOf(what, width, size);
  return {
    svg:
      textAt(0, 14, name, colours.text, { size: 15, bold: true }) +
      (isWide
        ? textAt(width, 14, lag, colours.text, { size: 13, anchor: 'end' })
        : textAt(0, 33, lag, colours.text, { size: 13 })) +
      lines.map((line, index) => textAt(0, first + index * LINE, line, colours.quiet, { size })).join(''),
    height: first + 5 + (lines.length - 1) * LINE,
  };
}

const LINE = 16;

/** Words in as many lines as they take. */
function linesOf(words: readonly string[], width: number, size: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} · ${word}`;
    if (lines.length > 0 && cutTo(longer, width, size) === longer) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Every level, and the states that occur: each with its mark, in as many lines as it takes. */
function legend(shards: readonly MappedShard[], colours: MapColours, width: number): Part {
  const states = new Set(shards.map((shard) => shard.state));
  const [fresh, ...later] = colours.levels;
  const plain: MapColours = { ...colours, levels: [{ ...fresh, ink: colours.quiet }, ...later] };
  const entries = [
    ...([0, 1, 2, 3, 4] as const).map((level) => ({
      shard: { state: 'read' as const, level },
      words: level === 0 ? `lag ${LEVEL_WORDS[level]}` : LEVEL_WORDS[level],
    })),
    ...(Object.keys(STATE_WORDS) as (keyof typeof STATE_WORDS)[])
      .filter((state) => state !== 'read' && states.has(state))
      .map((state) => ({ shard: { state, level: 0 as const }, words: STATE_WORDS[state] })),
    ...(shards.some((shard) => shard.hasGap) ? [{ shard: null, words: 'a gap before it' }] : []),
  ];
  let [x, y] = [0, 0];
  const drawn = entries.map(({ shard, words }) => {
    const wide = 22 + words.length * 6.6 + 14;
    if (x > 0 && x + wide > width) [x, y] = [0, y + 20];
    const box = { x, y, width: 14, height: 14 };
    const svg =
      (shard === null ? gapMark({ ...box, x: x + 9 }, colours) : mark(box, shard, plain)) +
      textAt(x + 20, y + 11, words, colours.quiet, { size: 11 });
    x += wide;
    return svg;
  });
  return { svg: drawn.join(''), height: y + 14 };
}
