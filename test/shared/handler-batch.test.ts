import { beforeEach, describe, expect, test } from 'vitest';
import { changeHandler } from '../../shared/handler.ts';
import {
  type ChangeDraft,
  eventOf,
  gapOf,
  insertOf,
  modifyOf,
  removeOf,
  runHandler,
  snapshotOf,
} from '../../shared/testing/index.ts';
import { capturedLog } from './handler/captured-log.ts';

interface Thing {
  readonly id: string;
}

const log = capturedLog();
beforeEach(() => log.clear());

const [a, b] = [{ id: 'a' }, { id: 'b' }];
const changes: ChangeDraft[] = [insertOf(a), insertOf(b), modifyOf(a, a), removeOf(b), snapshotOf(a)];

describe('a batch function', () => {
  test('gets all changes of the batch at once, in order', async () => {
    const calls: string[][] = [];
    const handler = changeHandler<Thing>({
      batch: (batch) => calls.push(batch.map(({ kind, keys }) => `${kind} ${keys.id}`)),
    });

    const { settled } = await runHandler(handler, eventOf(changes));

    expect(settled).toHaveLength(5);
    expect(calls).toEqual([['insert a', 'insert b', 'modify a', 'remove b', 'snapshot a']]);
  });

  test('that throws has the whole batch sent again, and is logged once', async () => {
    const handler = changeHandler<Thing>(
      { batch: () => Promise.reject(new Error('sink is down')) },
      { logger: log.logger() },
    );

    const { settled } = await runHandler(handler, eventOf(changes));

    expect(settled).toHaveLength(0);
    expect(log.lines()).toMatchObject([
      { message: 'a batch of 5 changes failed', change: { keys: { id: 'a' } }, error: { message: 'sink is down' } },
    ]);
  });

  test('that returns what has failed has only the changes from the first of them sent again', async () => {
    const handler = changeHandler<Thing>(
      { batch: (batch) => ({ failed: [batch[3], batch[2]] }) },
      { logger: log.logger() },
    );

    const { settled } = await runHandler(handler, eventOf(changes));

    expect(settled).toHaveLength(2);
    expect(log.lines()).toHaveLength(1);
  });

  test('that names a change of another batch as failed has everything sent again', async () => {
    const handler = changeHandler<Thing>(
      { batch: () => ({ failed: [{ sequenceNumber: '1' }] }) },
      { logger: log.logger() },
    );

    const { settled } = await runHandler(handler, eventOf(changes));

    expect(settled).toHaveLength(0);
    expect(log.lines()).toMatchObject([{ error: { message: expect.stringContaining('sequence numbers 1') } }]);
  });

  test('is called before and after a gap, so that nothing crosses it', async () => {
    const calls: string[] = [];
    const handler = changeHandler<Thing>({
      batch: (batch) => calls.push(`${batch.length} changes`),
      gap: () => calls.push('gap'),
    });

    await runHandler(handler, eventOf([insertOf(a), insertOf(b), gapOf(), removeOf(a)]));

    expect(calls).toEqual(['2 changes', 'gap', '1 changes']);
  });

  test('is called for what comes before a record that has no function', async () => {
    const calls: number[] = [];
    const handler = changeHandler<Thing>({ batch: (batch) => calls.push(batch.length) }, { logger: log.logger() });

    const { Records } = eventOf([insertOf(a), gapOf(), insertOf(b)]);
    const { settled } = await runHandler(handler, { Records });

    expect(calls).toEqual([1]);
    expect(settled).toHaveLength(1);
    expect(log.lines()).toHaveLength(1);
  });
});

describe('a batch function per item', () => {
  test('gets the changes of one item at once', async () => {
    const calls: string[] = [];
    const handler = changeHandler<Thing>(
      { batchPerItem: (batch) => calls.push(batch.map(({ kind, keys }) => `${kind} ${keys.id}`).join()) },
      { concurrency: 2 },
    );

    await runHandler(handler, eventOf(changes));

    expect(calls).toEqual(['insert a,modify a,snapshot a', 'insert b,remove b']);
  });

  test('that fails for one item has the changes from its first on sent again', async () => {
    const handler = changeHandler<Thing>(
      {
        batchPerItem: ([first]) => {
          if (first?.keys.id === 'b') throw new Error('b is broken');
        },
      },
      { concurrency: 2, logger: log.logger() },
    );

    const { settled } = await runHandler(handler, eventOf(changes));

    expect(settled).toHaveLength(1);
  });
});

test('one function per kind and one for all do not go together', () => {
  // @ts-expect-error `batch` gets every change
  expect(() => changeHandler<Thing>({ batch: () => undefined, insert: () => undefined })).toThrow('got insert');
  // @ts-expect-error all at once, or one item at a time
  expect(() => changeHandler<Thing>({ batch: () => undefined, batchPerItem: () => undefined })).toThrow('batchPerItem');
});
