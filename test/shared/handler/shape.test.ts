import { describe, expect, test } from 'vitest';
import { changeHandler, entity } from '../../../shared/handler.ts';

const run = () => undefined;

/** What somebody writes without a compiler, or around it. */
function untyped(functions: object): () => unknown {
  return () => changeHandler(functions as Parameters<typeof changeHandler>[0]);
}

describe('a handler with a function that would never be called is refused', () => {
  test.each([
    ['of a kind that does not exist', { inserted: run }, /changeHandler takes the functions insert, .*got "inserted"$/],
    ['that is none', { insert: 'sendReceipt' }, /^insert must be a function, got "sendReceipt"$/],
    [
      'for one change beside one for many',
      { batch: run, insert: run },
      /^batch takes every change .*got insert beside/,
    ],
    ['for an item beside one for all', { batch: run, batchPerItem: run }, /^batch takes .*got batchPerItem beside/],
    [
      'for every item beside entities',
      { order: entity({ sk: 'ORDER' }, {}), insert: run },
      /^changeHandler with entities takes the functions other, gap, .*got "insert"$/,
    ],
    [
      'for many changes of an entity',
      { order: entity({ sk: 'ORDER' }, { ...{ batch: run } } as object) },
      /^the entity order takes the functions insert, modify, remove, snapshot, got "batch"$/,
    ],
    ['for a gap that is an entity', { gap: entity({ sk: 'ORDER' }, {}) }, /^gap must be a function/],
  ])('%s', (_which, functions, message) => {
    expect(untyped(functions)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(message) }),
    );
  });

  test('one that is left undefined is none at all', () => {
    expect(untyped({ insert: run, batch: undefined, update: undefined })).not.toThrow();
  });
});
