import { MillraceError } from '../../shared/core/errors.ts';

/** @throws MillraceError `invalid-request` when the text is no whole number of seconds up to an hour. */
export function secondsOf(text: string, option: string, min = 0): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= min && seconds <= 3_600) return seconds;
  throw new MillraceError(
    'invalid-request',
    `${option} must be a whole number of seconds from ${min} to 3600, got ${JSON.stringify(text)}`,
  );
}
