import { MillraceError } from './errors.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const ALLOWED =
  'an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z, or how long ago, such as 90s, 10m, 2h or 1d';

/**
 * A moment as an operator writes it: an ISO 8601 time, or how long ago.
 *
 * @param name what the text was given for, for the error.
 * @param others what else it may be there, for the error.
 * @throws MillraceError `invalid-request` when the text is neither, or lies in the future.
 */
export function parseMoment(text: string, nowMs: number, name: string, others: readonly string[] = []): number {
  const momentMs = agoMs(text, nowMs) ?? timeMs(text);
  if (momentMs === null) {
    throw new MillraceError(
      'invalid-request',
      `${name} must be ${[ALLOWED, ...others].join(', or ')}, got ${JSON.stringify(text)}`,
    );
  }
  if (momentMs > nowMs) {
    throw new MillraceError('invalid-request', `${name} must not be in the future, got ${JSON.stringify(text)}`);
  }
  return momentMs;
}

/** Whether a text says the oldest change that is kept, in our spelling or AWS's. */
export const isTrimHorizon = (text: string): boolean => /^trim[-_]horizon$/i.test(text);

function agoMs(text: string, nowMs: number): number | null {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return count === undefined ? null : nowMs - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** A time without a zone would mean another moment on every machine. */
function timeMs(text: string): number | null {
  const isWhole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const ms = isWhole ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
