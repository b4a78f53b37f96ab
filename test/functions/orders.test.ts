import { afterEach, expect, test, vi } from 'vitest';
import { handler, type Order } from '../../functions/orders.ts';
import { eventOf, insertOf, modifyOf, removeOf, runHandler } from '../../shared/testing/index.ts';

const order: Order = { orderId: 'order-1', status: 'new', total: 12.5 };

afterEach(() => vi.restoreAllMocks());

test('each change is one readable line: its kind, its key, and what has changed', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);

  const { settled } = await runHandler(
    handler,
    eventOf([
      insertOf(order),
      modifyOf<object>(order, { ...order, status: 'paid', total: 10n ** 29n }),
      removeOf(order),
      removeOf(order, { expired: true }),
    ]),
  );

  expect(settled).toHaveLength(4);
  expect(printed.mock.calls.map(([line]) => line)).toEqual([
    "insert  order-1  { orderId: 'order-1', status: 'new', total: 12.5 }",
    "modify  order-1  status: 'new' -> 'paid', total: 12.5 -> 100000000000000000000000000000n",
    'remove  order-1  deleted',
    'remove  order-1  expired',
  ]);
});
