import { expect, test } from 'vitest';
import { decodeNumber } from '../../../shared/core/decode-number.ts';
import { changeHandler } from '../../../shared/handler.ts';
import { simulatedTable } from '../../../shared/testing/index.ts';
import { capturedLog } from '../handler/captured-log.ts';

interface Order {
  readonly orderId: string;
  readonly status: string;
}

function watched(fails: (order: Order) => boolean = () => false) {
  const seen: string[] = [];
  const take = (kind: string, order: Order, before?: Order) => {
    if (fails(order)) throw new Error('refused');
    seen.push([kind, order.orderId, before?.status, order.status].filter(Boolean).join(' '));
  };
  const handler = changeHandler<Order>(
    {
      insert: ({ newImage }) => take('insert', newImage),
      modify: ({ oldImage, newImage }) => take('modify', newImage, oldImage),
      remove: ({ oldImage, expired }) => take(expired ? 'expire' : 'remove', oldImage),
    },
    { logger: capturedLog().logger() },
  );
  return { seen, handler, orders: simulatedTable<Order>({ keys: ['orderId'] }) };
}

test('what is written to a table comes as its changes, once', async () => {
  const { seen, handler, orders } = watched();
  orders.put({ orderId: 'a', status: 'new' });
  orders.put({ status: 'new', orderId: 'a' });
  orders.put({ orderId: 'a', status: 'paid' });
  orders.remove({ orderId: 'a' });
  orders.remove({ orderId: 'a' });
  orders.put({ orderId: 'a', status: 'again' });
  orders.remove({ orderId: 'a' }, { expired: true });

  const first = await orders.deliverTo(handler, { batchSize: 2 });
  const second = await orders.deliverTo(handler);

  expect(seen).toEqual(['insert a new', 'modify a new paid', 'remove a paid', 'insert a again', 'expire a again']);
  expect([first.settled.length, second.settled.length]).toEqual([5, 0]);
  expect(new Set(first.settled.map(({ eventID }) => eventID)).size).toBe(5);
});

test('a change that fails comes again, and what is behind it waits', async () => {
  let isDown = true;
  const { seen, handler, orders } = watched(({ status }) => isDown && status === 'paid');
  for (const status of ['new', 'paid', 'shipped']) orders.put({ orderId: 'a', status });

  const failed = await orders.deliverTo(handler);
  isDown = false;
  const mended = await orders.deliverTo(handler);

  expect([failed.settled.length, failed.retried.length]).toEqual([1, 2]);
  expect(mended.settled.map(({ eventID }) => eventID)).toEqual(failed.retried.map(({ eventID }) => eventID));
  expect(seen).toEqual(['insert a new', 'modify a new paid', 'modify a paid shipped']);
});

test('an item stays as it was written, with every digit', async () => {
  const orders = simulatedTable({ keys: ['id'] });
  const images: unknown[] = [];
  const handler = changeHandler({ insert: ({ raw }) => images.push(raw.dynamodb.NewImage) });
  const item = { id: 1, big: decodeNumber('1.234567890123456789'), tags: new Set(['a']) };

  orders.put(item);
  item.tags.add('b');
  await orders.deliverTo(handler);

  expect(images).toEqual([{ id: { N: '1' }, big: { N: '1.234567890123456789' }, tags: { SS: ['a'] } }]);
});

test('an item without its key is refused', () => {
  const orders = simulatedTable<{ status: string }>({ keys: ['orderId'] });

  expect(() => orders.put({ status: 'new' })).toThrow('an item must have the key attribute orderId, got status');
});
