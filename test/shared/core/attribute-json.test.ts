import { expect, test } from 'vitest';
import { attributesAsJson } from '../../../shared/core/attribute-json.ts';
import { attributeValues } from '../../../shared/core/attribute-values.ts';

const item = {
  text: { S: 'a' },
  number: { N: '1.50' },
  yes: { BOOL: true },
  nothing: { NULL: true as const },
  texts: { SS: ['a'] },
  numbers: { NS: ['1'] },
  binary: { B: new Uint8Array([0, 1, 2]) },
  binaries: { BS: [new Uint8Array([0, 1, 2]), new Uint8Array()] },
  list: { L: [{ B: new Uint8Array([0, 1, 2]) }, { S: 'a' }] },
  map: { M: { inner: { B: new Uint8Array([0, 1, 2]) } } },
};

test('an item of the SDK becomes the JSON of Lambda’s event: the same but for binary, at any depth', () => {
  expect(attributesAsJson(item)).toEqual({
    ...item,
    binary: { B: 'AAEC' },
    binaries: { BS: ['AAEC', ''] },
    list: { L: [{ B: 'AAEC' }, { S: 'a' }] },
    map: { M: { inner: { B: 'AAEC' } } },
  });
});

test('what became JSON becomes the SDK’s item again', () => {
  const bytes = Buffer.from([0, 1, 2]);

  expect(attributeValues(attributesAsJson(item))).toMatchObject({
    binary: { B: bytes },
    list: { L: [{ B: bytes }, { S: 'a' }] },
    map: { M: { inner: { B: bytes } } },
  });
});
