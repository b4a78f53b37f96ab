import { expect, test } from 'vitest';
import type { Batch } from '../../shared/core/ports.ts';
import type { ChangeEvent } from '../../shared/core/record.ts';
import { inProcessSink } from '../../shared/in-process-sink.ts';

const BATCH: Batch = {
  subscription: 'orders',
  shardId: 'shard-a',
  sequenceNumbers: ['1'],
  payload: '{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1","Keys":{"id":{"B":"AQL6"}}}}]}',
};

test('the function gets the event that Lambda would hand over, a new one each time', async () => {
  const events: ChangeEvent[] = [];
  const sink = inProcessSink((event) => void events.push(event));

  await sink.deliver(BATCH);
  await sink.deliver(BATCH);

  expect(events[0]).toEqual(JSON.parse(BATCH.payload));
  expect(events[1]).toEqual(events[0]);
  expect(events[1]).not.toBe(events[0]);
});

test.for<[string, () => unknown, unknown]>([
  ['a value', () => ({ batchItemFailures: [] }), { batchItemFailures: [] }],
  ['a promise', async () => ({ batchItemFailures: [] }), { batchItemFailures: [] }],
  ['nothing', () => undefined, null],
  ['what JSON writes differently', () => ({ at: new Date(0), gone: undefined }), { at: '1970-01-01T00:00:00.000Z' }],
])('%s that the function returns comes back as from Lambda', async ([, handler, response]) => {
  expect(await inProcessSink(handler).deliver(BATCH)).toEqual({ kind: 'answered', response });
});

test.for<[string, () => unknown, string]>([
  [
    'throws',
    () => {
      throw new TypeError('total is not a number');
    },
    'TypeError: total is not a number',
  ],
  ['rejects', () => Promise.reject(new Error('down')), 'Error: down'],
  [
    'throws no error',
    () => {
      throw 'stop';
    },
    'stop',
  ],
])('a function that %s has failed', async ([, handler, message]) => {
  expect(await inProcessSink(handler).deliver(BATCH)).toEqual({ kind: 'failed', message });
});

test.for<[string, () => unknown]>([
  ['a bigint', () => 1n],
  ['a function', () => () => {}],
])('a function that returns %s has failed: Lambda could not send it', async ([, handler]) => {
  expect(await inProcessSink(handler).deliver(BATCH)).toMatchObject({ kind: 'failed' });
});
