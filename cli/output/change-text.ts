import { inspect, styleText } from 'node:util';
import type { AnyChange } from '../../shared/core/change-reader.ts';
import { timeText } from './words.ts';

const COLOURS = { insert: 'green', modify: 'yellow', remove: 'red', gap: 'magenta', snapshot: 'blue' } as const;

/**
 * A change as a person reads it: when, what, which item, and what it holds; of a modify, what differs. In colour where
 * `stream` shows colours.
 */
export function changeText(change: AnyChange, stream: NodeJS.WritableStream): string {
  const paint = (colour: (typeof COLOURS)[keyof typeof COLOURS], text: string): string =>
    styleText(colour, text, { stream });
  const time = timeText(change.approximateTime.getTime());
  switch (change.kind) {
    case 'insert':
    case 'snapshot':
      return `${time}  ${paint(COLOURS[change.kind], change.kind)}  ${keysOf(change)}  ${imageOf(change, 'NewImage', () => change.newImage)}`;
    case 'modify': {
      const differences = hasBothImages(change) ? change.changed : [];
      const lines = differences.flatMap(({ path, oldValue, newValue }) => [
        ...(oldValue === undefined ? [] : [`  ${paint('red', `- ${path}: ${shown(oldValue)}`)}`]),
        ...(newValue === undefined ? [] : [`  ${paint('green', `+ ${path}: ${shown(newValue)}`)}`]),
      ]);
      return [`${time}  ${paint(COLOURS.modify, 'modify')}  ${keysOf(change)}`, ...lines].join('\n');
    }
    case 'remove': {
      const why = change.expired ? ' (its time to live is over)' : '';
      return `${time}  ${paint(COLOURS.remove, 'remove')}  ${keysOf(change)}${why}  ${imageOf(change, 'OldImage', () => change.oldImage)}`;
    }
    case 'gap':
      return `${time}  ${paint(COLOURS.gap, 'gap')}  changes may have been lost in ${change.gap.shardId} after ${change.gap.after} (${change.gap.reason})`;
    default:
      return `${time}  ${change.kind}  run ${change.run}`;
  }
}

const keysOf = ({ keys }: { readonly keys: object }): string =>
  Object.entries(keys)
    .map(([name, value]) => `${name}=${typeof value === 'string' && !/\p{Cc}/u.test(value) ? value : shown(value)}`)
    .join(' ');

/** A stream of keys alone carries no images. */
const imageOf = (change: AnyChange, name: 'NewImage' | 'OldImage', image: () => unknown): string =>
  name in change.raw.dynamodb ? shown(image()) : '';

const hasBothImages = (change: AnyChange): boolean =>
  'NewImage' in change.raw.dynamodb && 'OldImage' in change.raw.dynamodb;

const shown = (value: unknown): string =>
  inspect(value, {
    depth: 8,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 200,
    maxArrayLength: 20,
    sorted: true,
  });
