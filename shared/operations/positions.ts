import { type Positions, positionsOf } from '../core/positions-file.ts';
import type { OperationPorts } from './ports.ts';
import { loadSubscription } from './reading.ts';

/** The positions of a subscription, also of one that runs; `null`: there is no such subscription. */
export async function exportPositions(
  { state, clock }: OperationPorts,
  subscription: string,
): Promise<Positions | null> {
  const loaded = await loadSubscription(state, subscription);
  return loaded && positionsOf(subscription, loaded.pointer, loaded.streams, clock.nowMs());
}
