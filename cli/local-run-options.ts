import { parseArgs } from 'node:util';
import { MillraceError } from '../shared/core/errors.ts';

/** What `npm start` was asked to do. */
export interface LocalRunOptions {
  /** Stay until Ctrl-C, and print the changes that come meanwhile. */
  readonly watch: boolean;
  /** Read the changes from a Kinesis stream that the table publishes to, instead of from the table's own stream. */
  readonly kinesis: boolean;
  /** Print how it is used, and nothing else. */
  readonly help: boolean;
}

export const USAGE = `npm start                 run the walker and the example handler on DynamoDB Local, then end
npm start -- --watch      stay until Ctrl-C, and print the changes of your own writes
npm start -- --kinesis    read the changes from a Kinesis stream, on kinesalite
npm start -- --help       print this`;

const OPTIONS = {
  watch: { type: 'boolean', short: 'w', default: false },
  kinesis: { type: 'boolean', short: 'k', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Reads the command line, without `node` and the script.
 * @throws MillraceError `invalid-request`, naming the argument that is not known and those that are.
 */
export function parseLocalRunOptions(args: readonly string[]): LocalRunOptions {
  const { values, tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    const isKnown = token.kind === 'option' && token.name in OPTIONS && token.value === undefined;
    if (!isKnown) {
      const received =
        token.kind === 'positional' ? token.value : [token.rawName, token.value].filter(Boolean).join('=');
      throw new MillraceError(
        'invalid-request',
        `an option must be one of --watch, --kinesis, --help, got ${received}`,
      );
    }
  }
  return { watch: values.watch === true, kinesis: values.kinesis === true, help: values.help === true };
}
