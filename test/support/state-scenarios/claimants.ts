import { describe, expect, test } from 'vitest';
import { aLease, type MakeState, MINUTE, NOW, ORDERS, withLeases } from './rows.ts';

/** What the port promises of those who ask for a lease. */
export function claimantScenarios(makeState: MakeState): void {
  describe('claimants', () => {
    const owned = aLease({ owner: 'walk-1', epoch: 7, revision: 20, expiresAtMs: NOW + MINUTE });

    test('a claimant is written beside the lease, also when the owner has written since', async () => {
      const state = await withLeases(makeState, owned);
      await state.updateLease(ORDERS, owned, { ...owned, revision: 21, emptyPages: 1 });

      expect(await state.requestLease(ORDERS, owned, 'walk-2')).toBe(true);
      expect(await state.lease(ORDERS, 'shard-a')).toEqual({
        ...owned,
        revision: 21,
        emptyPages: 1,
        claimant: 'walk-2',
      });
    });

    test('a lease is not asked for on an owner or an epoch that it no longer has', async () => {
      const state = await withLeases(makeState, owned);

      expect(await state.requestLease(ORDERS, { ...owned, epoch: 6 }, 'walk-2')).toBe(false);
      expect(await state.requestLease(ORDERS, { ...owned, owner: 'walk-0' }, 'walk-2')).toBe(false);
      expect(await state.requestLease(ORDERS, { ...owned, shardId: 'shard-x' }, 'walk-2')).toBe(false);
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(owned);
      expect(await state.lease(ORDERS, 'shard-x')).toBeNull();
    });

    test('the first claimant stays', async () => {
      const state = await withLeases(makeState, owned);
      await state.requestLease(ORDERS, owned, 'walk-2');

      expect(await state.requestLease(ORDERS, owned, 'walk-3')).toBe(false);
      expect(await state.requestLease(ORDERS, owned, 'walk-2')).toBe(true);
      expect((await state.lease(ORDERS, 'shard-a'))?.claimant).toBe('walk-2');
    });

    test('a claimant that the owner has not read yet survives its write', async () => {
      const state = await withLeases(makeState, owned);
      await state.requestLease(ORDERS, owned, 'walk-2');

      expect(await state.updateLease(ORDERS, owned, { ...owned, revision: 21 })).toEqual({ ok: true });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual({ ...owned, revision: 21, claimant: 'walk-2' });
    });

    test('a claimant that was read is cleared where the write says so, and only there', async () => {
      const asked = { ...owned, claimant: 'walk-2' };
      const state = await withLeases(makeState, owned);
      await state.requestLease(ORDERS, owned, 'walk-2');

      await state.updateLease(ORDERS, asked, { ...asked, revision: 21 });
      expect((await state.lease(ORDERS, 'shard-a'))?.claimant).toBe('walk-2');

      await state.updateLease(ORDERS, { ...asked, revision: 21 }, { ...owned, owner: null, revision: 22 });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual({ ...owned, owner: null, revision: 22 });
    });
  });
}
