import type { Phase } from '../core/phase.ts';
import { hasRun, withNextRun, withoutRun } from '../core/run.ts';
import type { Pointer } from '../core/subscription.ts';
import type { OperationPorts } from './ports.ts';

/** Why nothing was asked for, or cancelled. */
type RunRefusal =
  /** The subscription has no `bootstrap`: nothing would scan. */
  { readonly kind: 'no-bootstrap' } | { readonly kind: 'unknown' } | { readonly kind: 'changed' };

export type RunRequest =
  /** The run with this number will begin at the next tick, after the positions that are stored by then. */
  | { readonly kind: 'done'; readonly run: number }
  /** This run is asked for, or goes on. */
  | { readonly kind: 'already'; readonly run: number }
  | RunRefusal;

export type RunCancel =
  /** The run with this number will not go on: the changes flow. */
  | { readonly kind: 'done'; readonly run: number }
  /** No run is asked for, and none goes on. */
  | { readonly kind: 'no-run' }
  | RunRefusal;

/** The pointer is written when a generation or a phase changes: nobody loses ten times in a row. */
const MOST_CONFLICTS = 10;

/**
 * Asks for another run of a bootstrapped subscription, which hands over every item again: a repair after a gap.
 *
 * One conditional write of the pointer; repeating a call whose answer was lost does no harm.
 */
export const requestRun = (ports: OperationPorts, subscription: string): Promise<RunRequest> =>
  writePhase<RunRequest>(ports, subscription, (phase) => {
    if (hasRun(phase)) return { answer: { kind: 'already', run: phase.wantedRun } };
    const next = withNextRun(phase);
    return { answer: { kind: 'done', run: next.wantedRun }, next: { phase: next } };
  });

/**
 * Cancels the run that is asked for or goes on. What of it is in flight is settled; a sink is told of no end.
 *
 * One conditional write of the pointer. A walk that still scans can neither deliver nor store after it, and the changes
 * begin once nothing of the scan is in flight. Repeating a call whose answer was lost does no harm.
 */
export const cancelRun = (ports: OperationPorts, subscription: string): Promise<RunCancel> =>
  writePhase<RunCancel>(ports, subscription, (phase, nowMs) => {
    const next = withoutRun(phase, nowMs);
    if (next === null) return { answer: { kind: 'no-run' } };
    return { answer: { kind: 'done', run: phase.wantedRun }, next: { phase: next, isPreviousFree: false } };
  });

/** What is answered, and what is written before; nothing, where that is left out. */
interface PhaseDecision<Answer> {
  readonly answer: Answer;
  readonly next?: Pick<Pointer, 'phase'> & Partial<Pick<Pointer, 'isPreviousFree'>>;
}

async function writePhase<Answer>(
  { state, clock }: OperationPorts,
  subscription: string,
  decide: (phase: Phase, nowMs: number) => PhaseDecision<Answer>,
): Promise<Answer | RunRefusal> {
  for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
    const pointer = await state.pointer(subscription);
    if (pointer === null) return { kind: 'unknown' };
    if (pointer.phase === undefined) return { kind: 'no-bootstrap' };
    const { answer, next } = decide(pointer.phase, clock.nowMs());
    if (next === undefined) return answer;
    const written = { ...pointer, ...next, revision: pointer.revision + 1 };
    if (await state.putControl(subscription, written, pointer.revision)) return answer;
  }
  return { kind: 'changed' };
}
