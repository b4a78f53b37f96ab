import type { Pointer } from '../core/subscription.ts';
import type { OperationPorts } from './ports.ts';

export type PauseResult =
  | { readonly kind: 'done' | 'already'; readonly pointer: Pointer }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed' };

/** The pointer is written when a generation or a phase changes: nobody loses ten times in a row. */
const MOST_CONFLICTS = 10;

/**
 * Pauses a subscription, or resumes it: one conditional write of its pointer.
 *
 * Walks that run read the pointer at every claim and extension of a lease, and every few seconds: they stop after the
 * batches in flight, and keep their positions. Repeating a call whose answer was lost does no harm.
 */
export async function setPaused(
  { state }: OperationPorts,
  subscription: string,
  isPaused: boolean,
): Promise<PauseResult> {
  for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
    const pointer = await state.pointer(subscription);
    if (pointer === null) return { kind: 'unknown' };
    if (pointer.isPaused === isPaused) return { kind: 'already', pointer };
    const next = { ...pointer, isPaused, revision: pointer.revision + 1 };
    if (await state.putControl(subscription, next, pointer.revision)) return { kind: 'done', pointer: next };
  }
  return { kind: 'changed' };
}
