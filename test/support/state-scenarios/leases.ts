import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import type { LeaseKey } from '../../../shared/core/ports.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd } from '../../../shared/core/position.ts';
import { aLease, GAP, type MakeState, MINUTE, NOW, ORDERS, withLeases } from './rows.ts';

/** What the port promises of one lease: it is written on owner, epoch and revision. */
export function leaseScenarios(makeState: MakeState): void {
  describe('leases', () => {
    const owned = aLease({ owner: 'walk-1', epoch: 7, revision: 20, expiresAtMs: NOW + MINUTE });
    const advanced: LeaseRow = {
      ...owned,
      position: afterSequenceNumber('4421584500000000017450439091'),
      revision: 21,
      lastRecordAtMs: NOW,
    };

    test('leases come back as they were created, whatever they hold', async () => {
      const leases = [
        aLease(),
        aLease({
          shardId: 'shard-b',
          parents: ['shard-0', 'shard-1'],
          position: atSequenceNumber('123456789012345678901234567890123456789', NOW),
          owner: 'walk-1',
          epoch: 3,
          revision: 12,
          expiresAtMs: NOW + MINUTE,
          iterator: { value: 'arn:aws|1|AAAA==', issuedAtMs: NOW },
          emptyPages: 4,
          caughtUpAtMs: NOW,
          lastRecordAtMs: NOW - MINUTE,
          children: 'not-visible',
          gap: { ...GAP, status: 'halted' },
          attempts: 2,
        }),
        aLease({ shardId: 'shard-c', position: shardEnd(NOW), children: 'stored', finishedAtMs: NOW }),
      ];
      const state = await withLeases(makeState, ...leases);

      const read = await state.leases(ORDERS);

      expect(read.toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1))).toEqual(leases);
      expect(await state.lease(ORDERS, 'shard-b')).toEqual(leases[1]);
      expect(await state.lease(ORDERS, 'shard-x')).toBeNull();
    });

    test('leases are kept apart by subscription, generation, stream and its creation', async () => {
      const state = await withLeases(makeState, aLease());

      const others: readonly LeaseKey[] = [
        { ...ORDERS, subscription: 'orders2' },
        { ...ORDERS, generation: 2 },
        { ...ORDERS, stream: { ...ORDERS.stream, arn: `${ORDERS.stream.arn}0` } },
        { ...ORDERS, stream: { ...ORDERS.stream, createdAtMs: NOW + 1 } },
      ];

      for (const key of others) expect(await state.leases(key)).toEqual([]);
      expect(await state.lease(others[1]!, 'shard-a')).toBeNull();
    });

    test('names that run into each other do not share leases', async () => {
      const state = await makeState();
      const twelve = { ...ORDERS, subscription: 'a#1', generation: 2 };
      const one = {
        ...ORDERS,
        subscription: 'a',
        generation: 1,
        stream: { ...ORDERS.stream, arn: `2#${ORDERS.stream.arn}` },
      };
      await state.createLeases(twelve, [aLease()]);
      await state.createLeases({ ...ORDERS, subscription: 'a%231' }, [aLease({ shardId: 'shard-b' })]);

      expect(await state.leases(one)).toEqual([]);
      expect(await state.leases({ ...ORDERS, subscription: 'a#1' })).toEqual([]);
    });

    test('hundreds of leases are created and read', async () => {
      const shards = Array.from({ length: 250 }, (_, n) =>
        aLease({ shardId: `shard-${n}`, iterator: { value: 'x'.repeat(6000), issuedAtMs: NOW } }),
      );
      const state = await withLeases(makeState, ...shards);

      const read = await state.leases(ORDERS);

      expect(new Set(read.map((lease) => lease.shardId)).size).toBe(250);
    });

    test('a lease that exists is left as it is when it is created again', async () => {
      const state = await withLeases(makeState, advanced);

      await state.createLeases(ORDERS, [aLease(), aLease({ shardId: 'shard-b' })]);

      expect(await state.lease(ORDERS, 'shard-a')).toEqual(advanced);
      expect(await state.lease(ORDERS, 'shard-b')).toEqual(aLease({ shardId: 'shard-b' }));
    });

    test('a lease is written on the owner, epoch and revision that were read', async () => {
      const state = await withLeases(makeState, owned);

      expect(await state.updateLease(ORDERS, owned, advanced)).toEqual({ ok: true });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(advanced);
    });

    test.for<[string, Partial<LeaseRow>]>([
      ['owner', { owner: 'walk-2' }],
      ['epoch', { epoch: 8 }],
      ['revision', { revision: 21 }],
      ['owner, being free', { owner: null }],
    ])('a lease with another %s is not written, and comes back as it is now', async ([, change]) => {
      const now = { ...owned, ...change };
      const state = await withLeases(makeState, now);

      expect(await state.updateLease(ORDERS, owned, advanced)).toEqual({ ok: false, current: now });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(now);
    });

    test('a lease that does not exist is not written', async () => {
      const state = await makeState();

      expect(await state.updateLease(ORDERS, owned, advanced)).toEqual({ ok: false, current: null });
      expect(await state.updateLease(ORDERS, aLease(), owned)).toEqual({ ok: false, current: null });
      expect(await state.lease(ORDERS, 'shard-a')).toBeNull();
    });

    test('a free lease is claimed by one of many, and is not claimed on an old reading', async () => {
      const state = await withLeases(makeState, aLease());
      const claims = ['walk-1', 'walk-2', 'walk-3', 'walk-4'].map((owner) => ({
        ...aLease(),
        owner,
        epoch: 1,
        revision: 1,
      }));

      const outcomes = await Promise.all(claims.map((next) => state.updateLease(ORDERS, aLease(), next)));

      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
      const winner = claims[outcomes.findIndex((outcome) => outcome.ok)];
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(winner);
      for (const outcome of outcomes) if (!outcome.ok) expect(outcome.current).toEqual(winner);
    });

    test('a released lease has no owner and none of what the owner knew', async () => {
      const iterator = { value: 'iterator', issuedAtMs: NOW };
      const held = { ...owned, iterator, caughtUpAtMs: NOW, gap: { ...GAP, status: 'reported' as const } };
      const state = await withLeases(makeState, held);
      const free = { ...held, owner: null, revision: 21, iterator: null, gap: null };

      expect(await state.updateLease(ORDERS, held, free)).toEqual({ ok: true });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(free);
    });
  });
}
