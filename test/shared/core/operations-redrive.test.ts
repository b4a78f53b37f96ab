import { describe, expect, test } from 'vitest';
import { givenUpBatch, itemsLeft } from '../../../shared/core/operations-redrive.ts';
import { eventOf, insertOf } from '../../../shared/testing/index.ts';

const EVENT = eventOf(['a', 'b', 'a', 'c'].map((id) => insertOf({ id })));
const TEXT = JSON.stringify({ version: '1.0', payload: JSON.stringify(EVENT) });
const [a, b, c] = ['a', 'b', 'c'].map((id) => `[["id",{"S":"${id}"}]]`);
const failing = (index: number) => ({
  batchItemFailures: [{ itemIdentifier: EVENT.Records[index]!.dynamodb.SequenceNumber }],
});

test('an object of an on-failure bucket carries its event, to be sent again as it is', () => {
  expect(givenUpBatch(TEXT)).toEqual({ event: EVENT, payload: JSON.stringify(EVENT), items: [a, b, c] });
});

test.each(['', '{}', '{"payload":7}', '{"payload":"x"}', '{"payload":"{}"}', 'null'])('%j carries none', (text) => {
  expect(givenUpBatch(text)).toBeNull();
});

describe('the items that wait after a batch was sent again', () => {
  const batch = givenUpBatch(TEXT)!;

  test.each([
    ['none, when all was settled', { batchItemFailures: [] }, []],
    ['none, when the handler answers nothing', {}, []],
    ['all, when it failed as a whole', null, [a, b, c]],
    ['those from the first that failed on', failing(1), [b, a, c]],
    ['the last alone', failing(3), [c]],
    ['all, when the answer names what is not there', { batchItemFailures: [{ itemIdentifier: 'x' }] }, [a, b, c]],
    ['all, when the answer names nothing', { batchItemFailures: [null] }, [a, b, c]],
  ])('are %s', (_what, response, items) => {
    expect(itemsLeft(batch, response)).toEqual(items);
  });
});
