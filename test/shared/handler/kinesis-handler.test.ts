import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { changeHandler, table } from '../../../shared/handler.ts';
import { eventOf, insertOf, kinesisEventOf, modifyOf, removeOf, runHandler } from '../../../shared/testing/index.ts';
import { capturedLog } from './captured-log.ts';

const log = capturedLog();
beforeEach(() => log.clear());

const item = {
  id: 'a',
  big: 123456789012345678901234567890n,
  bytes: new Uint8Array([0, 255, 3]),
  parts: new Set([new Uint8Array([1]), new Uint8Array([2])]),
  deep: { list: [1, null, true, new Uint8Array([9])] },
};

/** A handler that notes what its functions are given, but for what tells one feed from the other. */
function watched() {
  const calls: unknown[] = [];
  const note = (change: object) => {
    const { kind, keys, newImage, oldImage, changed, expired, sizeBytes } = change as Record<string, unknown>;
    calls.push({ kind, keys, newImage, oldImage, changed, expired, sizeBytes });
  };
  const handler = changeHandler<object>({
    insert: note,
    modify: (change) =>
      note({ ...change, newImage: change.newImage, oldImage: change.oldImage, changed: change.changed }),
    remove: note,
  });
  return { calls, handler };
}

test("the same changes make the same calls, whether the table's stream or the Kinesis feed brought them", async () => {
  const drafts = [
    insertOf(item),
    modifyOf(item, { ...item, bytes: new Uint8Array([7]) }),
    removeOf(item),
    removeOf(item, { expired: true }),
  ];
  const ofStream = watched();
  const ofKinesis = watched();

  await runHandler(ofStream.handler, eventOf(drafts));
  const run = await runHandler(ofKinesis.handler, kinesisEventOf(drafts));

  expect(run.response).toEqual({ batchItemFailures: [] });
  expect(ofKinesis.calls).toEqual(ofStream.calls);
  expect(ofKinesis.calls).toMatchObject([
    { kind: 'insert' },
    { kind: 'modify', changed: [{ path: 'bytes' }] },
    { kind: 'remove', expired: false },
    { kind: 'remove', expired: true },
  ]);
});

test('a change of the feed carries its table, its time and an id, and a version that grows with time', async () => {
  const seen: unknown[] = [];
  const handler = changeHandler<{ id: string }>({
    insert: (change) => seen.push(change),
    modify: (change) => seen.push(change),
  });
  const event = kinesisEventOf([insertOf({ id: 'a' }), modifyOf({ id: 'a' }, { id: 'a', n: 1 })], {
    tableName: 'orders',
    precision: 'MICROSECOND',
    from: new Date('2026-02-01T00:00:00Z'),
  });

  await runHandler(handler, event);

  expect(seen).toMatchObject([
    {
      tableName: 'orders',
      approximateTime: new Date('2026-02-01T00:00:00Z'),
      idempotencyKey: '00000000-0000-0005-6bc7-5e2d63100000',
      version: '0000000000-00001769904000000000',
      streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/stream',
      sequenceNumber: event.Records[0]?.kinesis.sequenceNumber,
    },
    { version: '0000000000-00001769904001000000' },
  ]);
});

test('a write that changed nothing says so', async () => {
  const changed: unknown[] = [];
  const handler = changeHandler<typeof item>({ modify: (change) => changed.push(change.changed) });

  await runHandler(handler, kinesisEventOf([modifyOf(item, item)]));

  expect(changed).toEqual([[]]);
});

test('data that is no change fails in its place: what is before it is settled, and the error names it', async () => {
  const seen: string[] = [];
  const handler = changeHandler<{ id: string }>(
    { insert: ({ newImage }) => seen.push(newImage.id) },
    { logger: log.logger() },
  );
  const { Records } = kinesisEventOf([insertOf({ id: 'a' }), insertOf({ id: 'b' }), insertOf({ id: 'c' })]);
  const [first, second, third] = Records as [object, (typeof Records)[number], object];
  const broken = { ...second, kinesis: { ...second.kinesis, data: Buffer.from('hello').toString('base64') } };

  const run = await runHandler(handler, { Records: [first, broken, third] });

  expect(run.settled).toEqual([first]);
  expect(seen).toEqual(['a']);
  expect(log.lines()).toMatchObject([
    { level: 'ERROR', error: { message: expect.stringContaining(`must hold a change of a DynamoDB table`) } },
  ]);
});

test('a change that is malformed inside fails in its place, too', async () => {
  const { Records } = kinesisEventOf([insertOf({ id: 'a' }), insertOf({ id: 'b' }), insertOf({ id: 'c' })]);
  const [first, second, third] = Records as [object, (typeof Records)[number], object];
  const change = JSON.parse(Buffer.from(second.kinesis.data, 'base64').toString());
  const malformed = [
    { Keys: { id: { B: 5 } } },
    { Keys: { id: { S: 5 } } },
    { Keys: { id: null } },
    { Keys: [7] },
    { NewImage: { id: { S: 'b' }, tags: { BS: 5 } } },
    { NewImage: { id: { S: 'b' }, B: { B: 'AAA=' }, note: 'plain' } },
  ];

  for (const part of malformed) {
    const text = JSON.stringify({ ...change, dynamodb: { ...change.dynamodb, ...part } });
    const broken = { ...second, kinesis: { ...second.kinesis, data: Buffer.from(text).toString('base64') } };
    const seen: string[] = [];
    const handler = changeHandler<{ id: string }>(
      { insert: ({ keys }) => seen.push(keys.id ?? '') },
      { logger: log.logger() },
    );

    const run = await runHandler(handler, { Records: [first, broken, third] });

    expect(run.settled, text).toEqual([first]);
    expect(seen, text).toEqual(['a']);
  }
});

test('data that is no change fails in its place for functions of whole batches and at any concurrency', async () => {
  const { Records } = kinesisEventOf([insertOf({ id: 'a' }), insertOf({ id: 'b' }), insertOf({ id: 'c' })]);
  const [first, second, third] = Records as [object, (typeof Records)[number], object];
  const broken = { ...second, kinesis: { ...second.kinesis, data: '' } };
  const calls: string[][] = [];
  const options = { logger: log.logger(), concurrency: 10 };
  const handlers = [
    changeHandler<{ id: string }>(
      { batch: (changes) => calls.push(changes.map(({ keys }) => keys.id ?? '')) },
      options,
    ),
    changeHandler<{ id: string }>({ insert: ({ keys }) => calls.push([keys.id ?? '']) }, options),
  ];

  for (const handler of handlers) {
    const run = await runHandler(handler, { Records: [first, broken, third] });
    expect(run.settled).toEqual([first]);
  }
  expect(calls).toEqual([['a'], ['a']]);
});

test('a stream that mixes tables is routed by table, and what is of no table named is counted', async () => {
  const seen: unknown[] = [];
  const Order = z.object({ id: z.string(), total: z.number() });
  const handler = changeHandler(
    {
      orders: table(Order, 'orders', { insert: ({ newImage }) => seen.push(['orders', newImage.total]) }),
      customers: table<{ id: string }>('customers', {
        insert: ({ newImage }) => seen.push(['customers', newImage.id]),
      }),
    },
    { logger: log.logger() },
  );
  const order = kinesisEventOf([insertOf({ id: '1', total: 5 })], { tableName: 'orders' }).Records;
  const customer = kinesisEventOf([insertOf({ id: '1' })], { tableName: 'customers' }).Records;
  const stranger = kinesisEventOf([insertOf({ id: '1' })], { tableName: 'audit' }).Records;

  const run = await runHandler(handler, { Records: [...order, ...stranger, ...customer] });

  expect(run.retried).toEqual([]);
  expect(seen).toEqual([
    ['orders', 5],
    ['customers', '1'],
  ]);
  expect(log.lines()).toMatchObject([{ level: 'WARN', message: expect.stringContaining('matches no entity') }]);
});

test('items of two tables with the same key are two items', async () => {
  const calls: string[][] = [];
  const handler = changeHandler<{ id: string }>({
    batchPerItem: (changes) => calls.push(changes.map(({ tableName, keys }) => `${tableName}/${keys.id}`)),
  });
  const orders = kinesisEventOf([insertOf({ id: '1' }), removeOf({ id: '1' })], { tableName: 'orders' }).Records;
  const customers = kinesisEventOf([insertOf({ id: '1' })], { tableName: 'customers' }).Records;

  await runHandler(handler, { Records: [...orders, ...customers] });

  expect(calls).toEqual([['orders/1', 'orders/1'], ['customers/1']]);
});

test('the lag that a handler measures counts from the change, whatever unit its table tells the time in', async () => {
  const lines: string[] = [];
  const write = process.stdout.write;
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'orders';
  process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof process.stdout.write;
  try {
    const handler = changeHandler<object>({});
    for (const precision of ['MILLISECOND', 'MICROSECOND'] as const) {
      await runHandler(
        handler,
        kinesisEventOf([insertOf({ id: 'a' })], { precision, from: new Date(Date.now() - 60_000) }),
      );
    }
  } finally {
    process.stdout.write = write;
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  }

  const lags = lines
    .filter((line) => line.includes('HandlerLag'))
    .map((line) => JSON.parse(line).HandlerLagMilliseconds);
  expect(lags).toHaveLength(2);
  for (const lag of lags) expect(lag).toBeGreaterThan(59_000);
  for (const lag of lags) expect(lag).toBeLessThan(80_000);
});

test('a table without a name is refused', () => {
  expect(() => table<object>('', {})).toThrow(`table must be given a table's name, got ""`);
});
