import type { AnyChange } from '../core/change-reader.ts';
import { MillraceError } from '../core/errors.ts';
import type { ChangeContext, WindowFunctions, WindowState } from './functions.ts';

/** What a mapping with a tumbling window adds to an event. */
export interface WindowEvent {
  readonly window: { readonly start: string; readonly end: string };
  readonly state?: WindowState;
  readonly shardId?: string;
  readonly isFinalInvokeForWindow?: boolean;
  readonly isWindowTerminatedEarly?: boolean;
}

export const isWindowEvent = (event: object): event is WindowEvent =>
  'window' in event && typeof event.window === 'object' && event.window !== null && 'start' in event.window;

/**
 * The state that Lambda demands in the answer to an event of a tumbling window: the `window` function's, or else the
 * one that came with the event.
 * @throws MillraceError `handler` when the function returns anything but an object.
 */
export async function nextWindowState(
  event: WindowEvent,
  changes: readonly AnyChange[],
  window: WindowFunctions<AnyChange>['window'],
  context: ChangeContext,
): Promise<WindowState> {
  const state = event.state ?? {};
  const next = await window?.(
    {
      start: new Date(event.window.start),
      end: new Date(event.window.end),
      state,
      changes: changes as Parameters<typeof window>[0]['changes'],
      isFinal: event.isFinalInvokeForWindow ?? false,
      isTerminatedEarly: event.isWindowTerminatedEarly ?? false,
      shardId: event.shardId ?? '',
    },
    context,
  );
  if (next === undefined) return state;
  if (typeof next === 'object' && next !== null && !Array.isArray(next)) return next;
  throw new MillraceError('handler', `window must return an object or nothing, got ${JSON.stringify(next)}`);
}
