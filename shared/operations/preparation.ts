import type { Pointer, Start } from '../core/subscription.ts';
import type { OperationPorts } from './ports.ts';
import { type RewindResult, rewind } from './rewind.ts';

export type PrepareResult = RewindResult | { readonly kind: 'prepared'; readonly pointer: Pointer };

/**
 * Lets a subscription's first walk begin at this start, whatever its request says. One that was walked before, and is
 * paused, begins a new generation there.
 */
export async function prepareStart(ports: OperationPorts, subscription: string, start: Start): Promise<PrepareResult> {
  const { state, clock } = ports;
  if ((await state.pointer(subscription)) !== null) return rewind(ports, subscription, { start });
  const pointer: Pointer = {
    kind: 'pointer',
    revision: 0,
    generation: 1,
    start,
    startedAtMs: clock.nowMs(),
    isPaused: false,
    isPreviousFree: true,
  };
  return (await state.putControl(subscription, pointer, null)) ? { kind: 'prepared', pointer } : { kind: 'changed' };
}
