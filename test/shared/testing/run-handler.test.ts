import { describe, expect, test } from 'vitest';
import { eventOf, insertOf, runHandler } from '../../../shared/testing/index.ts';

const event = eventOf(['a', 'b', 'c'].map((id) => insertOf({ id })));
const [, second, third] = event.Records.map((record) => record.dynamodb.SequenceNumber);

describe('runHandler reads an answer like Lambda', () => {
  test.each([
    ['nothing', undefined, 3],
    ['null', null, 3],
    ['an empty text', '', 3],
    ['no failures', { batchItemFailures: [] }, 3],
    ['failures that are null', { batchItemFailures: null }, 3],
    ['one failure', { batchItemFailures: [{ itemIdentifier: second }] }, 1],
    [
      'the lowest of several failures',
      { batchItemFailures: [{ itemIdentifier: third }, { itemIdentifier: second }] },
      1,
    ],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }, 0],
    ['an identifier of another batch', { batchItemFailures: [{ itemIdentifier: '5' }] }, 0],
    ['another name for the identifier', { batchItemFailures: [{ id: second }] }, 0],
    ['a failure that is null', { batchItemFailures: [null] }, 0],
  ])('%s', async (_what, response, settled) => {
    const run = await runHandler(() => response, event);

    expect(run.settled).toHaveLength(settled);
    expect([...run.settled, ...run.retried]).toEqual(event.Records);
  });

  test('an error has everything sent again', async () => {
    const run = await runHandler(() => Promise.reject(new Error('timed out')), event);

    expect(run.retried).toHaveLength(3);
    expect(run.error).toMatchObject({ message: 'timed out' });
  });
});

test('the event crosses as JSON, so that a handler cannot change the caller’s', async () => {
  await runHandler((received) => Object.assign(received, { Records: [] }), event);

  expect(event.Records).toHaveLength(3);
});
