import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CREATE_TABLE, readModel } from '../../functions/read-model.ts';
import { eventOf, insertOf, modifyOf, removeOf, runHandler, snapshotOf } from '../../shared/testing/index.ts';

let database: PGlite;

beforeAll(async () => {
  database = await PGlite.create();
  await database.exec(CREATE_TABLE);
}, 60_000);
beforeEach(() => database.exec('truncate orders'));
afterAll(() => database.close());

const order = { orderId: 'order-1', status: 'new', total: 12.5 };
const paid = { ...order, status: 'paid', total: 12345678901234567890123456789n };

const rows = async () => (await database.query('select order_id, status, total from orders order by order_id')).rows;

test('the read model follows the table, with every digit', async () => {
  const { settled } = await runHandler(readModel(database), eventOf([insertOf(order), modifyOf<object>(order, paid)]));

  expect(settled).toHaveLength(2);
  expect(await rows()).toEqual([{ order_id: 'order-1', status: 'paid', total: '12345678901234567890123456789' }]);
});

test('a change delivered again after a newer one alters nothing', async () => {
  const { Records } = eventOf([insertOf(order), modifyOf<object>(order, paid)]);

  await runHandler(readModel(database), { Records: [...Records, Records[0]!] });

  expect(await rows()).toMatchObject([{ status: 'paid' }]);
});

test('a deleted order does not come back with a change or a snapshot that is late', async () => {
  const [insert, remove] = eventOf([insertOf(order), removeOf(order)], { run: 1 }).Records;
  const [snapshot] = eventOf([snapshotOf(order, 1)]).Records;

  await runHandler(readModel(database), { Records: [remove!, insert!, snapshot!] });

  expect(await rows()).toEqual([{ order_id: 'order-1', status: null, total: null }]);
});

test('a database that is down fails the change', async () => {
  const down = { query: () => Promise.reject(new Error('connection refused')) };

  const { retried } = await runHandler(readModel(down), eventOf([insertOf(order)]));

  expect(retried).toHaveLength(1);
});
