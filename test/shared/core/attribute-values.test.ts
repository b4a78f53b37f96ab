import { expect, test } from 'vitest';
import { attributeValues } from '../../../shared/core/attribute-values.ts';

test('a raw image becomes what the SDK takes: the same but for binary, at any depth', () => {
  const raw = {
    text: { S: 'a' },
    number: { N: '1.50' },
    yes: { BOOL: true },
    nothing: { NULL: true },
    texts: { SS: ['a'] },
    numbers: { NS: ['1'] },
    binary: { B: 'AAEC' },
    binaries: { BS: ['AAEC', ''] },
    list: { L: [{ B: 'AAEC' }, { S: 'a' }] },
    map: { M: { inner: { B: 'AAEC' } } },
  };
  const bytes = Buffer.from([0, 1, 2]);

  expect(attributeValues(raw)).toEqual({
    ...raw,
    binary: { B: bytes },
    binaries: { BS: [bytes, Buffer.alloc(0)] },
    list: { L: [{ B: bytes }, { S: 'a' }] },
    map: { M: { inner: { B: bytes } } },
  });
});

test('an attribute called __proto__ is one like any other', () => {
  const raw = JSON.parse('{"__proto__":{"S":"a"}}');

  expect(JSON.stringify(attributeValues(raw))).toBe('{"__proto__":{"S":"a"}}');
});
