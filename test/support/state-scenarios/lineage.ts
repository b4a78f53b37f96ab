import { describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { shardEnd } from '../../../shared/core/position.ts';
import { aLease, GAP, type MakeState, MINUTE, NOW, ORDERS, withLeases } from './rows.ts';

/** What the port promises of a shard's end and its children, and of what is kept after it. */
export function lineageScenarios(makeState: MakeState): void {
  describe("a shard's end", () => {
    const owned = aLease({ owner: 'walk-1', epoch: 7, revision: 20, expiresAtMs: NOW + MINUTE });
    const finished: LeaseRow = { ...owned, position: shardEnd(), revision: 21, children: 'stored', finishedAtMs: NOW };
    const child = (shardId: string): LeaseRow => aLease({ shardId, parents: ['shard-a'] });

    test("is written together with the children's rows", async () => {
      const state = await withLeases(makeState, owned);

      expect(await state.finishLease(ORDERS, owned, finished, [child('shard-b'), child('shard-c')])).toEqual({
        ok: true,
      });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(finished);
      expect(await state.lease(ORDERS, 'shard-b')).toEqual(child('shard-b'));
      expect(await state.lease(ORDERS, 'shard-c')).toEqual(child('shard-c'));
    });

    test('is written without children', async () => {
      const state = await withLeases(makeState, owned);

      expect(await state.finishLease(ORDERS, owned, { ...finished, children: 'not-visible' }, [])).toEqual({
        ok: true,
      });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual({ ...finished, children: 'not-visible' });
    });

    test('leaves a child that exists as it is, down to what it does not have', async () => {
      const existing = { ...child('shard-b'), owner: 'walk-2', epoch: 1, revision: 1, expiresAtMs: NOW };
      const state = await withLeases(makeState, owned, existing);
      const other = { ...child('shard-b'), gap: { ...GAP, status: 'halted' as const }, lastRecordAtMs: NOW };

      expect(await state.finishLease(ORDERS, owned, finished, [other, child('shard-c')])).toEqual({ ok: true });
      expect(await state.lease(ORDERS, 'shard-b')).toEqual(existing);
      expect(await state.lease(ORDERS, 'shard-c')).toEqual(child('shard-c'));
    });

    test('of a lease that was lost is not written, nor are the children', async () => {
      const lost = { ...owned, owner: 'walk-2', epoch: 8, revision: 22 };
      const state = await withLeases(makeState, lost);

      const outcome = await state.finishLease(ORDERS, owned, finished, [child('shard-b')]);

      expect(outcome).toEqual({ ok: false, current: lost });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(lost);
      expect(await state.lease(ORDERS, 'shard-b')).toBeNull();
    });

    test('of a lease that does not exist is not written', async () => {
      const state = await makeState();

      expect(await state.finishLease(ORDERS, owned, finished, [child('shard-b')])).toEqual({
        ok: false,
        current: null,
      });
      expect(await state.leases(ORDERS)).toEqual([]);
    });

    test('is written with a child that is named twice', async () => {
      const state = await withLeases(makeState, owned);

      const outcome = await state.finishLease(ORDERS, owned, finished, [child('shard-b'), child('shard-b')]);

      expect(outcome).toEqual({ ok: true });
      expect(await state.leases(ORDERS)).toHaveLength(2);
    });

    test('is written with more children than one transaction holds', async () => {
      const state = await withLeases(makeState, owned);
      const children = Array.from({ length: 120 }, (_, n) => child(`shard-b${n}`));

      expect(await state.finishLease(ORDERS, owned, finished, children)).toEqual({ ok: true });
      expect(await state.leases(ORDERS)).toHaveLength(121);
    });

    test('clears the claimant that was read', async () => {
      const state = await withLeases(makeState, owned);
      await state.requestLease(ORDERS, owned, 'walk-2');

      await state.finishLease(ORDERS, { ...owned, claimant: 'walk-2' }, finished, []);

      expect(await state.lease(ORDERS, 'shard-a')).toEqual(finished);
    });
  });

  describe('what is kept for a while', () => {
    test('finished leases that may be removed are still read, and nothing is created for those that are gone', async () => {
      const finished = aLease({ position: shardEnd(), children: 'stored', finishedAtMs: NOW });
      const state = await withLeases(makeState, finished);

      await state.expireLeases(ORDERS, ['shard-a', 'shard-gone'], Date.parse('2098-01-01'));
      await state.expireLeases(ORDERS, ['shard-a'], Date.parse('2099-01-01'));

      expect(await state.leases(ORDERS)).toMatchObject([finished]);
    });

    test('a gap can be written twice', async () => {
      const state = await makeState();

      await state.putGap('orders', GAP);
      await state.putGap('orders', { ...GAP, detectedAtMs: NOW + MINUTE });
    });
  });
}
