import type { Clock, State } from '../core/ports.ts';

/** What operations touch. */
export interface OperationPorts {
  readonly state: State;
  readonly clock: Clock;
}

/** Why an operation changed nothing. */
export type Refusal =
  /** No walk and no import ever began this subscription. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-paused' }
  /** Leases are held, of which the last runs out at this moment (epoch milliseconds). */
  | { readonly kind: 'busy'; readonly untilMs: number }
  /** Somebody else wrote the pointer or a new generation meanwhile: look, and begin again. */
  | { readonly kind: 'changed' }
  /** The positions are of other streams than those the subscription reads. */
  | { readonly kind: 'other-stream'; readonly known: readonly string[]; readonly given: readonly string[] };
