import { describe, expect, test } from 'vitest';
import type { ShardGap } from '../../../shared/core/lease.ts';
import { aLease, GAP, type MakeState, NOW, ORDERS, withLeases } from './rows.ts';

/** What the port promises of gaps and of those who accept them. */
export function gapScenarios(makeState: MakeState): void {
  describe('gaps', () => {
    const gap: ShardGap = { ...GAP, status: 'halted' };
    const halted = { ...aLease({ revision: 4, epoch: 2 }), gap };
    const going = { ...halted, revision: 5, gap: { ...gap, status: 'reported' as const } };
    const acceptance = { by: 'ada', atMs: NOW + 1_000 };

    test('come back as they were first written, each subscription its own', async () => {
      const state = await makeState();
      await state.putGap('orders', GAP);
      await state.putGap('orders', { ...GAP, detectedAtMs: NOW + 1 });
      await state.putGap('orders', { ...GAP, id: 'gap-2' });
      await state.putGap('customers', { ...GAP, id: 'gap-3' });

      const gaps = await state.gaps('orders');

      expect(gaps.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([GAP, { ...GAP, id: 'gap-2' }]);
      expect(await state.gaps('nobody')).toEqual([]);
    });

    test('are accepted in the lease and in their own row at once', async () => {
      const state = await withLeases(makeState, halted);
      await state.putGap('orders', GAP);

      expect(await state.acceptGap(ORDERS, halted, going, acceptance)).toEqual({ ok: true });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(going);
      expect(await state.gaps('orders')).toEqual([{ ...GAP, accepted: acceptance }]);
    });

    test('are accepted neither here nor there where the lease has been written since', async () => {
      const state = await withLeases(makeState, halted);
      await state.putGap('orders', GAP);

      const outcome = await state.acceptGap(ORDERS, { ...halted, revision: 3 }, going, acceptance);

      expect(outcome).toEqual({ ok: false, current: halted });
      expect(await state.lease(ORDERS, 'shard-a')).toEqual(halted);
      expect(await state.gaps('orders')).toEqual([GAP]);
    });

    test('that nobody wrote down are written down with who accepted them', async () => {
      const state = await withLeases(makeState, halted);

      await state.acceptGap(ORDERS, halted, going, acceptance);

      expect(await state.gaps('orders')).toEqual([{ ...GAP, accepted: acceptance }]);
    });
  });
}
