import { Logger } from '@aws-lambda-powertools/logger';

type Line = { readonly [name: string]: unknown };

/** A Powertools logger whose lines can be looked at: what it would print, parsed. */
export function capturedLog() {
  const lines: Line[] = [];
  const keep = (line: string): void => {
    lines.push(JSON.parse(line));
  };
  return {
    lines: (): readonly Line[] => lines,
    clear: (): void => {
      lines.length = 0;
    },
    logger: (): Logger => {
      const output = Object.fromEntries(
        ['debug', 'info', 'warn', 'error', 'log', 'trace'].map((level) => [level, keep]),
      );
      return capturing(new Logger({ serviceName: 'test' }), output);
    },
  };
}

/** A child is made by the parent's constructor, with a console of its own. */
function capturing(logger: Logger, output: object): Logger {
  const createChild = logger.createChild.bind(logger);
  return Object.assign(logger, {
    console: output,
    createChild: (...options: Parameters<Logger['createChild']>) => capturing(createChild(...options), output),
  });
}
