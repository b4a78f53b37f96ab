import type { Logger } from '@aws-lambda-powertools/logger';

type Details = { readonly [name: string]: unknown };

/**
 * Writes a failure down, whatever was thrown: an error that no logger can write, such as one that is its own cause, is
 * written as text. So one odd error cannot fail a batch as a whole.
 */
export function logThrown(logger: Logger, text: string, { error: thrown, ...details }: Details): void {
  const error = thrown instanceof Error ? thrown : new Error(thrownText(thrown), { cause: thrown });
  try {
    logger.error(text, { ...details, error });
  } catch {
    logger.error(text, { ...details, error: new Error(thrownText(thrown)) });
  }
}

/** Whatever was thrown, in words. */
export function thrownText(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  try {
    // Imported at the top, node:util would take some milliseconds of every cold start.
    return process.getBuiltinModule('node:util').inspect(thrown);
  } catch {
    return 'an error that cannot be shown';
  }
}
