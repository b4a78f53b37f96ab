import { phaseOf } from '../core/subscription.ts';
import type { OperationPorts } from './ports.ts';

export type RunRequest =
  /** The run with this number will begin at the next tick, after the positions that are stored by then. */
  | { readonly kind: 'done'; readonly run: number }
  /** This run is asked for, or goes on. */
  | { readonly kind: 'already'; readonly run: number }
  /** The subscription has no `bootstrap`: nothing would scan. */
  | { readonly kind: 'no-bootstrap' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed' };

/** The pointer is written when a generation or a phase changes: nobody loses ten times in a row. */
const MOST_CONFLICTS = 10;

/**
 * Asks for another run of a bootstrapped subscription, which hands over every item again: a repair after a gap.
 *
 * One conditional write of the pointer; repeating a call whose answer was lost does no harm.
 */
export async function requestRun({ state }: OperationPorts, subscription: string): Promise<RunRequest> {
  for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
    const pointer = await state.pointer(subscription);
    if (pointer === null) return { kind: 'unknown' };
    if (pointer.phase === undefined) return { kind: 'no-bootstrap' };
    const phase = phaseOf(pointer);
    if (phase.wantedRun > phase.run || !phase.isRunDone) return { kind: 'already', run: phase.wantedRun };
    const wantedRun = phase.run + 1;
    const next = { ...pointer, phase: { ...phase, wantedRun }, revision: pointer.revision + 1 };
    if (await state.putControl(subscription, next, pointer.revision)) return { kind: 'done', run: wantedRun };
  }
  return { kind: 'changed' };
}
