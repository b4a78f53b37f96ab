import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { shardStatuses, subscriptionStatus } from '../../../shared/core/operations-status.ts';
import { STREAMING } from '../../../shared/core/phase.ts';
import type { ControlRow, Pointer, Slot, StreamRow } from '../../../shared/core/subscription.ts';
import {
  aStreamRow,
  GAP,
  HOUR,
  LEASES,
  leaseOfShard,
  NOW,
  POINTER,
  SECOND,
  STREAM,
} from '../operations/a-subscription.ts';

const SLOT: Slot = {
  kind: 'slot',
  revision: 0,
  worker: 0,
  owner: null,
  expiresAtMs: 0,
  handOverAtMs: 0,
  waiter: null,
  waiterUntilMs: 0,
  lastSeenAtMs: NOW - 20 * SECOND,
};

interface Given {
  readonly pointer?: Partial<Pointer>;
  readonly slots?: readonly Slot[];
  readonly stream?: Partial<StreamRow>;
  readonly leases?: readonly LeaseRow[];
}

function statusOf({ pointer = {}, slots = [SLOT], stream = {}, leases = LEASES.slice(0, 3) }: Given = {}) {
  const row = aStreamRow(stream);
  const now: Pointer = { ...POINTER, isPaused: false, ...pointer };
  const control: readonly ControlRow[] = [now, row, ...slots];
  return subscriptionStatus('orders', now, control, [{ row, leases }], NOW);
}

test('a subscription that is read is summed up', () => {
  expect(statusOf()).toEqual({
    subscription: 'orders',
    path: 'walker',
    phase: 'reading',
    streamArn: STREAM.arn,
    generation: 1,
    start: { at: 'trim-horizon' },
    lagMs: 5 * SECOND,
    hoursUntilLoss: expect.closeTo(24, 1),
    openShards: 2,
    waitingShards: 0,
    finishedShards: 1,
    haltedShards: 0,
    workers: 1,
    lastWalkAtMs: NOW - 20 * SECOND,
  });
});

describe('its phase', () => {
  test.each([
    [{ pointer: { isPaused: true } }, 'paused'],
    [{ slots: [] }, 'stopped'],
    [{ slots: [{ ...SLOT, lastSeenAtMs: NOW - 200 * SECOND }] }, 'stopped'],
    [{ pointer: { isPreviousFree: false } }, 'switching'],
    [{ stream: { isFirstListingComplete: false } }, 'listing'],
    [{ leases: [{ ...leaseOfShard('shard-b'), gap: GAP }] }, 'halted'],
    [{ pointer: { phase: { ...STREAMING, kind: 'scanning' } } }, 'scanning'],
    [{}, 'reading'],
  ] as const)('%j is %s', (given, phase) => {
    expect(statusOf(given).phase).toBe(phase);
  });
});

test('nothing is known of the lag before the first listing, and no worker counts that is gone', () => {
  const before = statusOf({ stream: { isFirstListingComplete: false }, leases: [], slots: [] });

  expect(before).toMatchObject({ lagMs: null, hoursUntilLoss: null, workers: 0, lastWalkAtMs: null });
  expect(statusOf({ slots: [{ ...SLOT, lastSeenAtMs: NOW - HOUR }] }).workers).toBe(0);
});

test('a shard waits, is open, halted or finished, and is held only until its lease ends', () => {
  const held = { ...leaseOfShard('shard-b'), owner: 'walk-1', expiresAtMs: NOW + SECOND, attempts: 2 };
  const over = { ...leaseOfShard('shard-c'), owner: 'walk-2', expiresAtMs: NOW, gap: { ...GAP, shardId: 'shard-c' } };
  const leases = [leaseOfShard('shard-a'), held, over, leaseOfShard('shard-d')];

  const shards = shardStatuses({ row: aStreamRow(), leases }, NOW);

  expect(shards).toMatchObject([
    { shardId: 'shard-a', state: 'finished', owner: null, lagMs: null },
    { shardId: 'shard-b', state: 'open', owner: 'walk-1', heldUntilMs: NOW + SECOND, lagMs: 5 * SECOND, attempts: 2 },
    { shardId: 'shard-c', state: 'halted', owner: null, heldUntilMs: null, gapId: GAP.id },
    { shardId: 'shard-d', state: 'waiting', owner: null },
  ]);
});
