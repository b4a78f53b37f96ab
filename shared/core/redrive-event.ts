import { MillraceError } from './errors.ts';

/** Which parked items to handle again. */
export interface RedriveRequest {
  /** Items as `parkedItems` names them; none: all. */
  readonly items: readonly string[];
}

/** The event that makes a handler with parking redrive: the payload of an invocation, or the input of a schedule. */
export const redriveEvent = (items: readonly string[] = []) => ({
  Records: [],
  millrace: { redrive: items.length === 0 ? {} : { items } },
});

/** What an event asks to redrive; `undefined` when it is no such event. */
export function redriveIn(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || !('millrace' in event)) return undefined;
  const { millrace } = event;
  return typeof millrace === 'object' && millrace !== null && 'redrive' in millrace ? millrace.redrive : undefined;
}

/** @throws MillraceError `invalid-request` when the request is not what `redriveEvent` makes. */
export function parseRedrive(request: unknown): RedriveRequest {
  const items = typeof request === 'object' && request !== null && 'items' in request ? request.items : [];
  const isObject = typeof request === 'object' && request !== null && !Array.isArray(request);
  if (isObject && Array.isArray(items) && items.every((item) => typeof item === 'string')) return { items };
  throw new MillraceError(
    'invalid-request',
    `redrive must be an object that may hold items, a list of texts, got ${JSON.stringify(request)?.slice(0, 200)}`,
  );
}
