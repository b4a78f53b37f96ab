import { expect, test } from 'vitest';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { simulatedState } from '../../../shared/testing/simulated-state.ts';
import { aLease } from '../../support/shards.ts';
import { stateScenarios } from '../../support/state-scenarios.ts';
import { aStreamRow } from '../operations/a-subscription.ts';

const NOW = Date.parse('2026-02-03T04:05:06Z');

stateScenarios(() => simulatedState({ clock: simulatedClock(NOW) }));

const KEY = { subscription: 'orders', generation: 1, stream: { arn: 'arn:orders', createdAtMs: 0 } };
const ROW = aLease();

test('a row that may be removed is gone from its moment on', async () => {
  const clock = simulatedClock(NOW);
  const state = simulatedState({ clock });
  await state.createLeases(KEY, [ROW]);
  await state.expireLeases(KEY, ['a'], NOW + 1_000);

  await clock.advanceTo(NOW + 999);
  expect(await state.lease(KEY, 'a')).toEqual({ ...ROW, removeAtMs: NOW + 1_000 });
  await clock.advanceTo(NOW + 1_000);
  expect(await state.lease(KEY, 'a')).toBeNull();
});

test('so is the row of a scan, which is not written any more', async () => {
  const clock = simulatedClock(NOW);
  const state = simulatedState({ clock });
  const row = { ...aStreamRow(), run: 1, removeAtMs: NOW + 1_000 };
  await state.putControl('orders', row, null);

  await clock.advanceTo(NOW + 999);
  expect(await state.control('orders')).toEqual([row]);
  await clock.advanceTo(NOW + 1_000);
  expect(await state.putControl('orders', { ...row, revision: row.revision + 1 }, row.revision)).toBe(false);
  expect(await state.control('orders')).toEqual([]);
});

test('every write is told, with the row before and after it, at the moment it takes place', () => {
  const writes: string[] = [];
  const state = simulatedState({
    clock: simulatedClock(NOW),
    onLease: ({ previous, next }) => writes.push(`${previous?.owner} -> ${next.owner}`),
  });

  void state.createLeases(KEY, [ROW]);
  void state.updateLease(KEY, ROW, { ...ROW, owner: 'walk-1', revision: 1 });
  void state.updateLease(KEY, ROW, { ...ROW, owner: 'walk-2', revision: 1 });

  expect(writes).toEqual(['undefined -> null', 'null -> walk-1']);
});
