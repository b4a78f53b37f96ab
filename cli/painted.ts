import { styleText } from 'node:util';

const COLOURS = { insert: 'green', modify: 'yellow', remove: 'red', gap: 'magenta' } as const;

/**
 * The line with the kind of change that it starts with in colour, where `stream` is a terminal that shows colours and
 * NO_COLOR is not set; the very same line otherwise.
 */
export function painted(line: string, stream: NodeJS.WritableStream): string {
  const kind = line.match(/^\w+/)?.[0];
  if (kind === undefined || !isKind(kind)) return line;
  return styleText(COLOURS[kind], kind, { stream }) + line.slice(kind.length);
}

const isKind = (word: string): word is keyof typeof COLOURS => Object.hasOwn(COLOURS, word);
