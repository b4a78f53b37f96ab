import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { MillraceError } from '../../shared/core/errors.ts';

const STDIN = 0;

/**
 * The text of a file that was named on the command line; `-` is the standard input.
 * @throws MillraceError `invalid-request` when it cannot be read.
 */
export function givenText(file: string): string {
  try {
    return readFileSync(file === '-' ? STDIN : file, 'utf8');
  } catch (cause) {
    throw new MillraceError('invalid-request', `the file must be one that can be read, got ${file} (${why(cause)})`, {
      cause,
    });
  }
}

/** The text of the file of this name, if there is one: a place may be a file, or something else. */
export const textIfFile = (place: string): string | null => (existsSync(place) ? givenText(place) : null);

/** @throws MillraceError `invalid-request` when it cannot be written. */
export function writeGiven(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new MillraceError(
      'invalid-request',
      `--out must name a file that can be written, got ${file} (${why(cause)})`,
      { cause },
    );
  }
}

const why = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : `${cause}`);
