import type { LeaseRow } from '../core/lease.ts';
import { acceptGap as accepted } from '../core/operations.ts';
import type { LeaseKey } from '../core/ports.ts';
import type { GapLease } from '../core/recorded-gap.ts';
import type { OperationPorts, Refusal } from './ports.ts';
import { loadSubscription } from './reading.ts';

export interface GapAcceptance {
  /** Who accepts it: written into the gap's row. */
  readonly by: string;
  /** Whether the handler is told of the gap before anything else of the shard. */
  readonly tellHandler: boolean;
  /**
   * How long to wait for a walk that still holds the shard (milliseconds).
   * @default 0
   */
  readonly waitMs?: number;
}

export type AcceptResult =
  | { readonly kind: 'done'; readonly lease: LeaseRow }
  /** No shard of the current generation is halted at this gap. */
  | { readonly kind: 'not-halted' }
  | Refusal;

const LOOK_EVERY_MS = 500;

/**
 * Lets the shard that is halted at a gap go on after it.
 *
 * One transaction writes the shard's row on the revision that was read, and who accepted the gap, when, into the gap's.
 */
export async function acceptGap(
  { state, clock }: OperationPorts,
  subscription: string,
  gapId: string,
  { by, tellHandler, waitMs = 0 }: GapAcceptance,
): Promise<AcceptResult> {
  const giveUpAtMs = clock.nowMs() + waitMs;
  const status = tellHandler ? 'undelivered' : 'reported';
  for (;;) {
    const loaded = await loadSubscription(state, subscription);
    if (loaded === null) return { kind: 'unknown' };
    const found = loaded.streams
      .flatMap(({ row, leases }) => leases.map((lease) => ({ stream: row.stream, lease })))
      .find(({ lease }) => lease.gap?.id === gapId && lease.gap.status === 'halted');
    if (found === undefined || !isAtGap(found.lease)) return { kind: 'not-halted' };
    const { stream, lease } = found;
    const change = accepted(lease, status, clock.nowMs());
    if (change.ok) {
      const key: LeaseKey = { subscription, generation: loaded.pointer.generation, stream };
      const written = await state.acceptGap(key, lease, change.next, { by, atMs: clock.nowMs() });
      if (written.ok) return { kind: 'done', lease: change.next };
    }
    if (clock.nowMs() >= giveUpAtMs) {
      return lease.owner === null ? { kind: 'changed' } : { kind: 'busy', untilMs: lease.expiresAtMs };
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

const isAtGap = (row: LeaseRow): row is GapLease => row.gap !== null;
