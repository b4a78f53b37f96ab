import { describe, expect, test } from 'vitest';
import { scanStream } from '../../../shared/core/scan.ts';
import type { ControlRow, Pointer } from '../../../shared/core/subscription.ts';
import { type MakeState, NOW, ORDERS } from './rows.ts';

const POINTER: Pointer = {
  kind: 'pointer',
  revision: 0,
  generation: 1,
  start: { at: 'latest', momentMs: NOW - 5000 },
  startedAtMs: NOW,
  isPaused: false,
  isPreviousFree: true,
};
/** What the port promises of the subscription's own rows. */
export function controlScenarios(makeState: MakeState): void {
  describe('control rows', () => {
    const rows: readonly ControlRow[] = [
      POINTER,
      {
        kind: 'stream',
        revision: 3,
        generation: 1,
        stream: ORDERS.stream,
        isReplacement: false,
        isFirstListingComplete: true,
        listedAtMs: NOW,
        isDrained: false,
      },
      {
        kind: 'stream',
        revision: 2,
        generation: 1,
        stream: scanStream(ORDERS.stream.arn, 1),
        isReplacement: false,
        isFirstListingComplete: true,
        listedAtMs: NOW,
        isDrained: true,
        run: 1,
        removeAtMs: Date.parse('2098-01-01'),
      },
      {
        kind: 'slot',
        revision: 1,
        worker: 0,
        owner: null,
        expiresAtMs: 0,
        handOverAtMs: 0,
        waiter: 'tick-2',
        waiterUntilMs: NOW,
        lastSeenAtMs: NOW,
      },
      {
        kind: 'slot',
        revision: 1,
        worker: 1,
        owner: 'walk-1',
        expiresAtMs: NOW,
        handOverAtMs: NOW,
        waiter: null,
        waiterUntilMs: 0,
        lastSeenAtMs: NOW,
      },
      { kind: 'lister', revision: 1, owner: 'walk-1', expiresAtMs: NOW },
    ];
    const sorted = (unsorted: readonly ControlRow[]) =>
      unsorted.map((row) => JSON.stringify(Object.entries(row).sort())).sort();

    test('a subscription without any row has no control rows and no pointer', async () => {
      const state = await makeState();

      expect(await state.control('orders')).toEqual([]);
      expect(await state.pointer('orders')).toBeNull();
    });

    test('control rows of every kind come back as they were written', async () => {
      const state = await makeState();
      for (const row of rows) expect(await state.putControl('orders', row, null)).toBe(true);

      expect(sorted(await state.control('orders'))).toEqual(sorted(rows));
      expect(await state.pointer('orders')).toEqual(POINTER);
    });

    test('each subscription has its own control rows', async () => {
      const state = await makeState();
      await state.putControl('orders', POINTER, null);

      expect(await state.control('order')).toEqual([]);
      expect(await state.control('orders#pointer')).toEqual([]);
      expect(await state.pointer('customers')).toBeNull();
    });

    test('a control row that exists is not created again', async () => {
      const state = await makeState();
      await state.putControl('orders', POINTER, null);

      expect(await state.putControl('orders', { ...POINTER, generation: 2 }, null)).toBe(false);
      expect(await state.pointer('orders')).toEqual(POINTER);
    });

    test('a control row is written on the revision that was read', async () => {
      const state = await makeState();
      await state.putControl('orders', POINTER, null);

      expect(await state.putControl('orders', { ...POINTER, revision: 1, isPaused: true }, 0)).toBe(true);
      expect(await state.pointer('orders')).toEqual({ ...POINTER, revision: 1, isPaused: true });
    });

    test('a control row is not written on another revision than the one that was read', async () => {
      const state = await makeState();
      await state.putControl('orders', { ...POINTER, revision: 4 }, null);

      expect(await state.putControl('orders', { ...POINTER, revision: 4, generation: 2 }, 3)).toBe(false);
      expect(await state.pointer('orders')).toEqual({ ...POINTER, revision: 4 });
    });

    test('a control row that does not exist is not written on a revision', async () => {
      const state = await makeState();

      expect(await state.putControl('orders', POINTER, 0)).toBe(false);
      expect(await state.pointer('orders')).toBeNull();
    });

    test('of many writers of one revision exactly one succeeds', async () => {
      const state = await makeState();
      await state.putControl('orders', POINTER, null);

      const writers = Array.from({ length: 8 }, (_, writer) =>
        state.putControl('orders', { ...POINTER, revision: 1, generation: 10 + writer }, 0),
      );
      const outcomes = await Promise.all(writers);

      expect(outcomes.filter((won) => won)).toHaveLength(1);
      expect((await state.pointer('orders'))?.generation).toBe(10 + outcomes.indexOf(true));
    });
  });
}
