const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Long lines end at the edge, so that each takes one row. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const CLEAR_ALL = '\u001b[2J';

/**
 * Shows a text over the one before, on a terminal: each line is written over, and only what is left is cleared, so that
 * nothing flickers. Elsewhere one text follows the other, with an empty line between them.
 */
export function inPlace(stream: NodeJS.WriteStream): (text: string) => void {
  let isFirst = true;
  return (text) => {
    if (!stream.isTTY) {
      stream.write(`${isFirst ? '' : '\n'}${text}\n`);
    } else {
      const lines = text.split('\n').slice(0, Math.max(1, stream.rows - 1));
      stream.write(
        `${isFirst ? CLEAR_ALL : ''}${HOME}${NO_WRAP}${lines.map((line) => line + CLEAR_LINE).join('\n')}${WRAP}\n${CLEAR_BELOW}`,
      );
    }
    isFirst = false;
  };
}
