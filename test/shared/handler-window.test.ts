import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { changeHandler } from '../../shared/handler.ts';
import { type ChangeDraft, eventOf, insertOf, runHandler } from '../../shared/testing/index.ts';
import { capturedLog } from './handler/captured-log.ts';
import { aParking } from './parking/a-parking.ts';

interface Sale {
  readonly id: string;
  readonly amount: number;
}

const { logger } = capturedLog();

const windowOf = (drafts: readonly ChangeDraft[], more: object = {}) => ({
  ...eventOf(drafts),
  window: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:05:00Z' },
  state: { total: 10 },
  shardId: 'shardId-00000001767225600000-00000001',
  eventSourceARN: 'arn:aws:dynamodb:eu-west-1:123456789012:table/table/stream/2026-01-01T00:00:00.000',
  isFinalInvokeForWindow: false,
  isWindowTerminatedEarly: false,
  ...more,
});

const sales = [1, 2, 3].map((amount) => insertOf({ id: `sale-${amount}`, amount }));

describe('an event with a tumbling window', () => {
  test('is answered with its state as it came, where there is no function for it', async () => {
    const { response } = await runHandler(changeHandler<Sale>({}), windowOf(sales));

    expect(response).toEqual({ batchItemFailures: [], state: { total: 10 } });
  });

  test('is answered with what the window function makes of its state and the changes', async () => {
    const handler = changeHandler<Sale>({
      window: ({ state, changes }) => ({
        total: changes.reduce(
          (sum, change) => (change.kind === 'insert' ? sum + change.newImage.amount : sum),
          Number(state.total),
        ),
      }),
    });

    const { response } = await runHandler(handler, windowOf(sales));

    expect(response).toEqual({ batchItemFailures: [], state: { total: 16 } });
  });

  test('gives the window no change that is parked, which may not even fit its schema', async () => {
    const schema = z.object({ id: z.string(), amount: z.number() });
    const handler = changeHandler(
      schema,
      {
        insert: ({ newImage }) => newImage,
        window: ({ changes }) => ({ ids: changes.map((change) => change.kind === 'insert' && change.newImage.id) }),
      },
      { logger: logger(), parking: aParking({ attempts: 1 }).parking },
    );
    const drafts = [
      insertOf({ id: 'a', amount: 1 }),
      insertOf({ id: 'b', amount: 'much' }),
      insertOf({ id: 'c', amount: 1 }),
    ];

    const first = await runHandler(handler, windowOf(drafts));
    const again = await runHandler(handler, windowOf(drafts));

    const expected = { batchItemFailures: [], state: { ids: ['a', 'c'] } };
    expect([first.response, again.response]).toEqual([expected, expected]);
  });

  test('gives the window only the settled changes', async () => {
    const handler = changeHandler<Sale>(
      {
        insert: ({ newImage }) => (newImage.amount === 3 ? Promise.reject(new Error('no')) : undefined),
        window: ({ changes }) => ({ changes: changes.length }),
      },
      { logger: logger() },
    );

    const { response } = await runHandler(handler, windowOf(sales));

    expect(response).toEqual({
      batchItemFailures: [{ itemIdentifier: '100000000000000000200' }],
      state: { changes: 2 },
    });
  });

  test('tells the window’s bounds, and when it ends', async () => {
    const seen: unknown[] = [];
    const handler = changeHandler<Sale>({
      window: ({ start, end, isFinal, isTerminatedEarly, shardId }) => {
        seen.push([start.toISOString(), end.toISOString(), isFinal, isTerminatedEarly, shardId]);
        return undefined;
      },
    });

    const { response } = await runHandler(handler, windowOf([], { isFinalInvokeForWindow: true }));

    expect(seen).toEqual([
      ['2026-01-01T00:00:00.000Z', '2026-01-01T00:05:00.000Z', true, false, 'shardId-00000001767225600000-00000001'],
    ]);
    expect(response).toEqual({ batchItemFailures: [], state: { total: 10 } });
  });

  test('has its changes sent again with the old state when the window function fails', async () => {
    const handler = changeHandler<Sale>({ window: () => Promise.reject(new Error('no')) }, { logger: logger() });

    const { settled, response } = await runHandler(handler, windowOf(sales));

    expect(settled).toHaveLength(0);
    expect(response).toMatchObject({ state: { total: 10 } });
  });

  test('fails as a whole when the window’s end fails: it has no record to name', async () => {
    const handler = changeHandler<Sale>({ window: () => Promise.reject(new Error('no')) }, { logger: logger() });

    const { error } = await runHandler(handler, windowOf([], { isFinalInvokeForWindow: true }));

    expect(error).toMatchObject({ message: 'no' });
  });

  test('refuses a state that is no object', async () => {
    const handler = changeHandler<Sale>({ window: () => 7 as never }, { logger: logger() });

    const { error } = await runHandler(handler, windowOf([]));

    expect(error).toMatchObject({ message: 'window must return an object or nothing, got 7' });
  });
});

test('an event without a window is answered without a state', async () => {
  const { response } = await runHandler(changeHandler<Sale>({ window: () => ({ total: 1 }) }), eventOf(sales));

  expect(response).toEqual({ batchItemFailures: [] });
});
