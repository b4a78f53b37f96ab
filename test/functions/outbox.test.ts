import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ChangeHandler } from '../../shared/handler.ts';
import { eventOf, insertOf, modifyOf, removeOf, runHandler } from '../../shared/testing/index.ts';

interface Entry {
  readonly Detail: string;
  readonly [name: string]: unknown;
}

/** What the bus was sent, call by call; a detail with `refuse` in it is refused. */
const calls: Entry[][] = [];
const bus = createServer(async (request, response) => {
  const { Entries }: { Entries: Entry[] } = JSON.parse(await text(request));
  calls.push(Entries);
  const answers = Entries.map((entry, index) =>
    entry.Detail.includes('refuse') ? { ErrorCode: 'InternalFailure' } : { EventId: `event-${index}` },
  );
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  response.end(JSON.stringify({ FailedEntryCount: answers.filter((one) => one.ErrorCode).length, Entries: answers }));
});

let handler: ChangeHandler;

beforeAll(async () => {
  bus.listen(0, '127.0.0.1');
  await once(bus, 'listening');
  const address = bus.address();
  const port = typeof address === 'object' ? address?.port : 0;
  vi.stubEnv('AWS_ENDPOINT_URL_EVENTBRIDGE', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('EVENT_BUS', 'shop');
  ({ handler } = await import('../../functions/outbox.ts'));
});
beforeEach(() => {
  calls.length = 0;
});
afterAll(() => {
  bus.closeAllConnections();
  bus.close();
});

const message = (n: number, detail = '{}') => ({ id: `message-${n}`, source: 'shop.orders', type: 'placed', detail });

test('every message put into the outbox goes to the bus, and its removal does not', async () => {
  const one = message(1, '{"total":12.5}');

  const { settled } = await runHandler(
    handler,
    eventOf([insertOf(one), modifyOf(one, one), removeOf(one)], { viewType: 'NEW_IMAGE' }),
  );

  expect(settled).toHaveLength(3);
  expect(calls).toEqual([
    [
      {
        EventBusName: 'shop',
        Source: 'shop.orders',
        DetailType: 'placed',
        Detail: '{"total":12.5}',
        Time: Date.UTC(2026, 0, 1) / 1000,
      },
    ],
  ]);
});

test('a batch goes out ten by ten, in order', async () => {
  const messages = Array.from({ length: 23 }, (_, n) => message(n, String(n)));

  await runHandler(handler, eventOf(messages.map(insertOf), { viewType: 'NEW_IMAGE' }));

  expect(calls.map((entries) => entries.length)).toEqual([10, 10, 3]);
  expect(calls.flat().map((entry) => Number(entry.Detail))).toEqual([...Array(23).keys()]);
});

test('from the first message that the bus refuses on, all are sent again', async () => {
  const messages = Array.from({ length: 15 }, (_, n) => message(n, n === 4 ? 'refuse' : '{}'));

  const { settled } = await runHandler(handler, eventOf(messages.map(insertOf), { viewType: 'NEW_IMAGE' }));

  expect(settled).toHaveLength(4);
  expect(calls).toHaveLength(1);
});
