import { beforeEach, describe, expect, test, vi } from 'vitest';
import { changeHandler } from '../../shared/handler.ts';
import {
  eventOf,
  gapOf,
  insertOf,
  modifyOf,
  removeOf,
  runHandler,
  snapshotCompleteOf,
  snapshotOf,
  snapshotStartedOf,
} from '../../shared/testing/index.ts';
import { capturedLog } from './handler/captured-log.ts';

interface Order {
  readonly orderId: string;
  readonly total: number;
}

const order: Order = { orderId: 'order-1', total: 12.5 };
const log = capturedLog();
beforeEach(() => log.clear());

function ownCause(): Error {
  const error = new Error('round and round');
  return Object.assign(error, { cause: error });
}
const unreadable = (): Error =>
  Object.defineProperty(new Error(), 'message', {
    get: () => {
      throw new Error('not even this');
    },
  });

describe('changeHandler', () => {
  test('each kind reaches its function with typed images, in order, and the batch is settled', async () => {
    const seen: unknown[] = [];
    const handler = changeHandler<Order>({
      insert: ({ newImage }) => seen.push(newImage),
      modify: async ({ oldImage, newImage }) => seen.push([oldImage.total, newImage.total]),
      remove: ({ oldImage }) => seen.push(oldImage.orderId),
    });

    const run = await runHandler(
      handler,
      eventOf([insertOf(order), modifyOf(order, { ...order, total: 13 }), removeOf(order)]),
    );

    expect(seen).toEqual([order, [12.5, 13], 'order-1']);
    expect(run.response).toEqual({ batchItemFailures: [] });
  });

  test.each(['throws', 'rejects'])(
    'the first change whose function %s stops the batch and is reported',
    async (how) => {
      const seen: string[] = [];
      const handler = changeHandler<Order>(
        {
          insert: ({ newImage }) => {
            seen.push(newImage.orderId);
            if (newImage.orderId !== 'b') return undefined;
            if (how === 'rejects') return Promise.reject(new Error('no stock'));
            throw new Error('no stock');
          },
        },
        { logger: log.logger() },
      );

      const run = await runHandler(handler, eventOf(['a', 'b', 'c'].map((orderId) => insertOf({ orderId, total: 1 }))));

      expect(seen).toEqual(['a', 'b']);
      expect(run.settled).toHaveLength(1);
      expect(run.response).toEqual({ batchItemFailures: [{ itemIdentifier: '100000000000000000100' }] });
    },
  );

  test('a failure is logged once with the identity of its change, because Lambda does not see it as an error', async () => {
    const handler = changeHandler<Order>(
      {
        insert: () => {
          throw new Error('no stock');
        },
      },
      { logger: log.logger() },
    );

    await runHandler(handler, eventOf([insertOf(order), insertOf(order)]));

    expect(log.lines()).toMatchObject([
      {
        level: 'ERROR',
        message: 'a change failed',
        change: {
          eventName: 'INSERT',
          eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
          sequenceNumber: '100000000000000000000',
          keys: { orderId: 'order-1' },
        },
        error: { message: 'no stock' },
      },
    ]);
  });

  test('a function may throw anything', async () => {
    const handler = changeHandler<Order>({ insert: () => Promise.reject('just text') }, { logger: log.logger() });

    const { retried } = await runHandler(handler, eventOf([insertOf(order)]));

    expect(retried).toHaveLength(1);
    expect(log.lines()).toMatchObject([{ error: { message: 'just text' } }]);
  });

  test.each([
    ['its own cause', ownCause()],
    ['an object without a prototype', Object.create(null)],
    ['an error whose message cannot be read', unreadable()],
  ])('an error that no logger can write fails its change alone: %s', async (_which, thrown) => {
    const functions = { insert: () => undefined, remove: () => Promise.reject(thrown) };
    const handler = changeHandler<Order>(functions, { logger: log.logger() });

    const { settled, error } = await runHandler(handler, eventOf([insertOf(order), removeOf(order), insertOf(order)]));

    expect([settled.length, error]).toEqual([1, undefined]);
    expect(log.lines()).toMatchObject([{ message: 'a change failed', change: { keys: { orderId: 'order-1' } } }]);
  });

  test('a kind without a function is accepted', async () => {
    const { settled } = await runHandler(changeHandler<Order>({}), eventOf([insertOf(order), removeOf(order)]));

    expect(settled).toHaveLength(2);
  });

  test('gaps, snapshots and the bounds of a run have functions of their own', async () => {
    const seen: string[] = [];
    const handler = changeHandler<Order>({
      gap: ({ gap }) => seen.push(gap.reason),
      snapshotStarted: ({ run }) => seen.push(`started ${run}`),
      snapshot: ({ newImage, run }) => seen.push(`${newImage.orderId} ${run}`),
      snapshotComplete: ({ run }) => seen.push(`complete ${run}`),
    });

    await runHandler(handler, eventOf([gapOf(), snapshotStartedOf(2), snapshotOf(order, 2), snapshotCompleteOf(2)]));

    expect(seen).toEqual(['trimmed', 'started 2', 'order-1 2', 'complete 2']);
  });

  test.each([
    ['gap', gapOf()],
    ['snapshot', snapshotOf(order)],
    ['snapshotStarted', snapshotStartedOf()],
    ['snapshotComplete', snapshotCompleteOf()],
  ])('a %s without a function fails with an error that names it', async (kind, draft) => {
    const handler = changeHandler<Order>({}, { logger: log.logger() });

    const { retried } = await runHandler(handler, eventOf([draft]));

    expect(retried).toHaveLength(1);
    expect(log.lines()).toMatchObject([
      { error: { code: 'handler', message: expect.stringContaining(`no function "${kind}"`) } },
    ]);
  });

  test('a record without a sequence number makes Lambda send the whole batch again', async () => {
    const seen = vi.fn();
    const handler = changeHandler<Order>({ insert: seen }, { logger: log.logger() });

    const response = await handler({ Records: [...eventOf([insertOf(order)]).Records, { messageId: 'of a queue' }] });

    expect(seen).toHaveBeenCalledOnce();
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '' }] });
    expect(log.lines()).toMatchObject([{ error: { code: 'invalid-record' } }]);
  });

  test('an event that is none of a stream is refused', async () => {
    await expect(changeHandler<Order>({})({} as never)).rejects.toThrow(/the event must have Records, .* got {}/);
  });

  test('the run of the handler counts in the version where a record names none', async () => {
    const versions: string[] = [];
    const event = eventOf([insertOf(order)]);

    await runHandler(changeHandler<Order>({ insert: ({ version }) => versions.push(version) }, { run: 4 }), event);
    vi.stubEnv('MILLRACE_RUN', '4');
    await runHandler(changeHandler<Order>({ insert: ({ version }) => versions.push(version) }), event);
    vi.unstubAllEnvs();

    expect(versions[0]).toMatch(/^001767225600000-0000000004-0000000000000000000100000000000000000000$/);
    expect(versions[1]).toBe(versions[0]);
  });

  test('fails for a run that is no whole number, naming where it may come from', () => {
    expect(() => changeHandler<Order>({}, { run: -1 })).toThrow(
      /MILLRACE_RUN, must be a whole number from 0 on, got -1/,
    );
  });

  test('a function sees how much of the invocation is left', async () => {
    const left: number[] = [];
    const handler = changeHandler<Order>({ insert: (_change, { remainingMs }) => left.push(remainingMs()) });

    await runHandler(handler, eventOf([insertOf(order)]), { remainingMs: 1234 });
    await handler(eventOf([insertOf(order)]));

    expect(left).toEqual([1234, Number.POSITIVE_INFINITY]);
  });

  test('a function is told to give up before the invocation ends, and its change fails alone', async () => {
    const handler = changeHandler<Order>(
      { remove: (_change, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)) },
      { logger: log.logger() },
    );

    const { settled } = await runHandler(handler, eventOf([insertOf(order), removeOf(order)]), { remainingMs: 50 });

    expect(settled).toHaveLength(1);
  });

  test('outside Lambda no function is told to give up', async () => {
    const signals: AbortSignal[] = [];
    const handler = changeHandler<Order>({ insert: (_change, { signal }) => signals.push(signal) });

    await handler(eventOf([insertOf(order), insertOf(order)]));

    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});
