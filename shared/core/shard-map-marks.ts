import type { LagLevel, MappedShard, ShardState } from './shard-map.ts';
import type { MapColours } from './shard-map-theme.ts';

/** A rectangle of a picture, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Text as XML holds it. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A line of text at a baseline. */
export function textAt(
  x: number,
  y: number,
  text: string,
  fill: string,
  more: { readonly size?: number; readonly bold?: boolean; readonly anchor?: 'end' | 'middle' } = {},
): string {
  const { size = 12, bold = false, anchor } = more;
  const weight = bold ? ' font-weight="bold"' : '';
  const end = anchor === undefined ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${fill}"${weight}${end}>${escaped(text)}</text>`;
}

/**
 * One shard's mark: a frame that tells its state and a filling that tells its lag.
 *
 * Both can be told without colour: the filling is higher the greater the lag, the frame is broken for a shard that
 * waits, thick for one that is halted, which is also crossed out, and has a hole for one that nobody reads.
 */
export function mark(box: Box, { state, level }: Pick<MappedShard, 'state' | 'level'>, colours: MapColours): string {
  const { x, y, width, height } = box;
  const { fill, ink } = colours.levels[level];
  const frame = (stroke: string, more = '', inside = colours.blank): string =>
    `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="2" fill="${inside}" stroke="${stroke}"${more}/>`;
  if (state === 'finished') return frame(colours.line);
  const filled = gauge(box, level, fill);
  switch (state) {
    case 'read':
      return frame(ink) + filled;
    case 'free':
      return `${frame(ink)}${filled}<circle cx="${px(x + width / 2)}" cy="${px(y + height / 2)}" r="${px(Math.min(width, height) / 4)}" fill="${colours.background}" stroke="${ink}"/>`;
    case 'waiting':
      return frame(ink, ' stroke-dasharray="2 2"') + filled;
    case 'childless':
      return frame(ink, ' stroke-dasharray="1 3"', 'none') + filled;
    case 'halted':
      return `${frame(ink, ' stroke-width="2"')}${filled}<path d="M${px(x)} ${px(y)}L${px(x + width)} ${px(y + height)}M${px(x + width)} ${px(y)}L${px(x)} ${px(y + height)}" stroke="${colours.text}" stroke-width="1.5"/>`;
  }
}

/** The filling: from the bottom, a fifth for each level and one for none. */
function gauge({ x, y, width, height }: Box, level: LagLevel, fill: string): string {
  const filled = ((height - 2) * (level + 1)) / 5;
  return `<rect x="${px(x + 1)}" y="${px(y + height - 1 - filled)}" width="${px(width - 2)}" height="${px(filled)}" fill="${fill}"/>`;
}

/** What the marks mean, in the order in which a legend shows them. */
export const STATE_WORDS: Readonly<Record<ShardState, string>> = {
  read: 'being read',
  free: 'nobody reads it',
  waiting: 'waits for its parent',
  halted: 'halted at a gap',
  childless: 'children not visible yet',
  finished: 'finished',
};

/** A zigzag at the left edge of a box: before this shard something may have been lost. */
export const gapMark = ({ x, y, height }: Box, colours: MapColours): string =>
  `<path d="M${px(x - 6)} ${px(y + height / 2 - 7)}l5 5l-5 4l5 5" fill="none" stroke="${colours.levels[4].ink}" stroke-width="2"/>`;

/** Text cut to a width, by the widest of the usual fonts. */
export function cutTo(text: string, width: number, size: number): string {
  const letters = Math.floor(width / (size * 0.58));
  if (text.length <= letters) return text;
  return `${text.slice(0, Math.max(1, letters - 1)).replace(/[ ·…]+$/, '')}…`;
}

/** A number as an attribute: no more digits than a pixel needs. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);
