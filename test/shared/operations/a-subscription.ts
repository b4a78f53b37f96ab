import type { LeaseRow, ShardGap } from '../../../shared/core/lease.ts';
import type { LeaseKey } from '../../../shared/core/ports.ts';
import { afterSequenceNumber, shardEnd } from '../../../shared/core/position.ts';
import type { Pointer, StreamRow } from '../../../shared/core/subscription.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { simulatedState } from '../../../shared/testing/simulated-state.ts';
import { aLease } from '../../support/state-scenarios/rows.ts';

export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;
export const NOW = Date.parse('2026-02-03T12:00:00Z');
export const STREAM = {
  arn: 'arn:aws:dynamodb:eu-west-1:1:table/orders/stream/2026-02-01',
  createdAtMs: NOW - 50 * HOUR,
};
export const KEY: LeaseKey = { subscription: 'orders', generation: 1, stream: STREAM };

export const POINTER: Pointer = {
  kind: 'pointer',
  revision: 3,
  generation: 1,
  start: { at: 'trim-horizon' },
  startedAtMs: NOW - 40 * HOUR,
  isPaused: true,
  isPreviousFree: true,
};

export const aStreamRow = (changes: Partial<StreamRow> = {}): StreamRow => ({
  kind: 'stream',
  revision: 5,
  generation: 1,
  stream: STREAM,
  isReplacement: false,
  isFirstListingComplete: true,
  listedAtMs: NOW - 20 * SECOND,
  isDrained: false,
  ...changes,
});

export const GAP: ShardGap = {
  id: 'trimmed:shard-b:after-sequence-number(5)',
  reason: 'trimmed',
  shardId: 'shard-b',
  after: 'after-sequence-number(5)',
  detectedAtMs: NOW - HOUR,
  status: 'halted',
};

/** A parent that is read to its end, two children that are read, and a shard that waits for one of them. */
export const LEASES: readonly LeaseRow[] = [
  aLease({
    shardId: 'shard-a',
    position: shardEnd(),
    epoch: 4,
    children: 'stored',
    lastRecordAtMs: NOW - 6 * HOUR,
    finishedAtMs: NOW - 5 * HOUR,
  }),
  aLease({
    shardId: 'shard-b',
    parents: ['shard-a'],
    position: afterSequenceNumber('20'),
    epoch: 2,
    lastRecordAtMs: NOW - HOUR,
    caughtUpAtMs: NOW - 5 * SECOND,
  }),
  aLease({
    shardId: 'shard-c',
    parents: ['shard-a'],
    position: afterSequenceNumber('30'),
    epoch: 1,
    lastRecordAtMs: NOW - 2 * HOUR,
    caughtUpAtMs: NOW - 5 * SECOND,
  }),
  aLease({ shardId: 'shard-d', parents: ['shard-c'], position: { at: 'at-sequence-number', sequenceNumber: '40' } }),
];

export interface Given {
  readonly pointer?: Partial<Pointer>;
  readonly leases?: readonly LeaseRow[];
  readonly streams?: readonly StreamRow[];
}

/** A subscription in memory, paused unless it says otherwise. */
export async function aSubscription({ pointer = {}, leases = LEASES, streams = [aStreamRow()] }: Given = {}) {
  const clock = simulatedClock(NOW);
  const state = simulatedState({ clock });
  await state.putControl('orders', { ...POINTER, ...pointer }, null);
  for (const row of streams) await state.putControl('orders', row, null);
  await state.createLeases(KEY, leases);
  return { clock, state, ports: { clock, state } };
}

export const leaseOfShard = (shardId: string): LeaseRow => {
  const lease = LEASES.find((row) => row.shardId === shardId);
  if (lease === undefined) throw new Error(`there is no ${shardId}`);
  return lease;
};
