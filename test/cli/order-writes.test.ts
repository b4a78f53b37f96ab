import { expect, test } from 'vitest';
import { orderWrites } from '../../cli/order-writes.ts';

const writes = orderWrites(20);

test('every order is inserted once, then modified, then possibly removed', () => {
  for (let order = 1; order <= 20; order += 1) {
    const kinds = writes.filter((write) => write.orderId === `o-${order}`).map((write) => write.kind);
    expect(kinds.join(' ')).toMatch(/^insert modify( modify)?( remove)?$/);
  }
});

test('every modify changes the status, so that the engine writes a record for it', () => {
  const statuses = new Map<string, string>();
  for (const write of writes) {
    if (write.kind !== 'modify') continue;
    expect(statuses.get(write.orderId)).not.toBe(write.status);
    statuses.set(write.orderId, write.status);
  }
  expect(new Set(statuses.values())).toEqual(new Set(['paid', 'shipped']));
});

test('the orders hold strings, nested maps, sets, binary and a number of 30 digits', () => {
  const values = writes.flatMap((write) => (write.kind === 'insert' ? Object.values(write.attributes) : []));

  expect(values).toContainEqual(expect.any(Uint8Array));
  expect(values).toContainEqual(new Set(['fragile', 'gift']));
  expect(values).toContainEqual(new Set([1, 2.5]));
  expect(values).toContainEqual(expect.objectContaining({ address: expect.objectContaining({ city: 'London' }) }));
  expect(values.filter((value) => typeof value === 'bigint' && String(value).length === 30)).not.toEqual([]);
});
