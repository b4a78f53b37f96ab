import { MillraceError } from '../core/errors.ts';
import { pauseMs } from '../core/parking-limits.ts';
import type { Clock } from '../core/ports.ts';
import { isRetryLater } from '../core/retry-later.ts';

export type Attempted =
  | { readonly kind: 'handled' }
  /** It failed this often; `isCut`: another attempt was due, but there was no time for it. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly attempts: number; readonly isCut: boolean }
  /** It has not ended, and may go on for as long as the process lives. */
  | { readonly kind: 'outlasted'; readonly attempts: number };

export interface AttemptLimits {
  readonly attempts: number;
  /** When the time for all attempts is over; may be `Infinity`. */
  readonly untilMs: number;
}

interface Ports {
  readonly clock: Clock;
  readonly random: () => number;
}

/** Waits for the first attempt, which runs already, and makes the others with pauses between them. */
export async function attempted(
  first: PromiseLike<unknown>,
  call: () => unknown,
  { attempts, untilMs }: AttemptLimits,
  { clock, random }: Ports,
): Promise<Attempted> {
  for (let attempt = 1, running = first; ; attempt += 1) {
    const end = await endOf(running, untilMs - clock.nowMs(), clock);
    if (end === null) return { kind: 'outlasted', attempts: attempt };
    if (end.ok) return { kind: 'handled' };
    const isLast = attempt >= attempts || isNoPoison(end.error);
    const waitMs = pauseMs(attempt, random());
    const isCut = !isLast && clock.nowMs() + waitMs >= untilMs;
    if (isLast || isCut) return { kind: 'failed', error: end.error, attempts: attempt, isCut };
    await clock.sleep(waitMs);
    running = begun(call);
  }
}

/**
 * Whether an error is not the change's fault: the function says so, or the handler is wrong for every change, such as by
 * a missing function, or an image that the stream does not carry.
 */
export const isNoPoison = (error: unknown): boolean =>
  isRetryLater(error) || (error instanceof MillraceError && error.code === 'handler');

/** Calls, and gives a promise even where the call throws at once. */
export async function begun(call: () => unknown): Promise<unknown> {
  return call();
}

type End = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

/** `null` when it has not ended by then; no timer is left behind. */
async function endOf(running: PromiseLike<unknown>, ms: number, clock: Clock): Promise<End | null> {
  const end = running.then(
    (): End => ({ ok: true }),
    (error: unknown): End => ({ ok: false, error }),
  );
  if (ms === Number.POSITIVE_INFINITY) return end;
  const ended = new AbortController();
  try {
    return await Promise.race([end, clock.sleep(ms, ended.signal).then(() => null)]);
  } finally {
    ended.abort();
  }
}
