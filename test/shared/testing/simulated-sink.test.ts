import { expect, test } from 'vitest';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { type SimulatedHandler, simulatedSink } from '../../../shared/testing/simulated-sink.ts';

const BATCH = { subscription: 'orders', shardId: 'a', sequenceNumbers: ['1'], payload: '{"Records":[]}' };

async function deliver(handler: SimulatedHandler) {
  const clock = simulatedClock(0);
  const sink = simulatedSink({ clock, timeoutMs: 3_000, handler: (event, invocation) => handler(event, invocation) });
  const delivery = sink.deliver(BATCH);
  await clock.advanceTo(10_000);
  return { delivery: await delivery, pending: clock.pending() };
}

test('what the function returns is the answer', async () => {
  const { delivery, pending } = await deliver(async ({ Records }) => ({ batchItemFailures: Records }));

  expect(delivery).toEqual({ kind: 'answered', response: { batchItemFailures: [] } });
  expect(pending).toBe(0);
});

test('nothing returned is null, as in the JSON that Lambda answers', async () => {
  expect((await deliver(async () => undefined)).delivery).toEqual({ kind: 'answered', response: null });
});

test('a function that throws has failed', async () => {
  const { delivery } = await deliver(async () => {
    throw new Error('no such order');
  });

  expect(delivery).toEqual({ kind: 'failed', message: 'Error: no such order' });
});

test('a function is stopped at its timeout', async () => {
  let stoppedAtMs = 0;
  const { delivery } = await deliver((_event, { deadlineMs, signal }) => {
    signal.addEventListener('abort', () => {
      stoppedAtMs = deadlineMs;
    });
    return new Promise(() => undefined);
  });

  expect(delivery).toEqual({ kind: 'failed', message: 'Task timed out after 3 seconds' });
  expect(stoppedAtMs).toBe(3_000);
});
