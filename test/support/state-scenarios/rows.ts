import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { LeaseKey, State } from '../../../shared/core/ports.ts';
import type { GapNotice } from '../../../shared/core/record.ts';
import { aLease as aRow } from '../shards.ts';

/** Gives an empty state at each call. */
export type MakeState = () => State | Promise<State>;

export const MINUTE = 60_000;
export const NOW = Date.parse('2026-02-03T04:05:06Z');
export const ORDERS: LeaseKey = {
  subscription: 'orders',
  generation: 1,
  stream: {
    arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-02-03T04:00:00.000',
    createdAtMs: NOW,
  },
};
export const GAP: GapNotice = {
  id: 'gap-1',
  reason: 'trimmed',
  shardId: 'shard-a',
  after: 'sequence number 7',
  detectedAtMs: NOW,
};

export const aLease = (changes: Partial<LeaseRow> = {}): LeaseRow => aRow({ shardId: 'shard-a', ...changes });

/** A state that holds these leases and nothing else. */
export async function withLeases(makeState: MakeState, ...leases: readonly LeaseRow[]): Promise<State> {
  const state = await makeState();
  await state.createLeases(ORDERS, leases);
  return state;
}
