import { describe, expect, test } from 'vitest';
import { changedAttributes } from '../../../shared/core/changed.ts';
import type { RawAttributeValue } from '../../../shared/core/record.ts';

type TypeOf<Value> = Value extends unknown ? keyof Value : never;

/** Two different values of every type that an attribute has: a new type has to be added before this compiles. */
const values: Record<TypeOf<RawAttributeValue>, readonly [RawAttributeValue, RawAttributeValue]> = {
  S: [{ S: 'a' }, { S: 'b' }],
  N: [{ N: '1' }, { N: '2' }],
  B: [{ B: 'AAEC' }, { B: 'AAED' }],
  BOOL: [{ BOOL: true }, { BOOL: false }],
  NULL: [{ NULL: true }, { S: '' }],
  SS: [{ SS: ['a', 'b'] }, { SS: ['a'] }],
  NS: [{ NS: ['1', '2'] }, { NS: ['1'] }],
  BS: [{ BS: ['AAEC', 'AAED'] }, { BS: ['AAEC'] }],
  L: [{ L: [{ S: 'a' }] }, { L: [] }],
  M: [{ M: { x: { S: 'a' } } }, { M: {} }],
};

const hasChanged = (before: RawAttributeValue, after: RawAttributeValue): boolean =>
  changedAttributes({ it: before }, { it: after }).length > 0;

describe.each(Object.entries(values))('an attribute of type %s', (type, [one, other]) => {
  test('has not changed where it is equal', () => {
    expect(hasChanged(one, structuredClone(one))).toBe(false);
    expect(hasChanged(other, structuredClone(other))).toBe(false);
  });

  test('has changed where it is not, either way', () => {
    expect(hasChanged(one, other)).toBe(true);
    expect(hasChanged(other, one)).toBe(true);
  });

  test('has changed where its type did, either way', () => {
    for (const [name, [stranger]] of Object.entries(values)) {
      expect(hasChanged(one, stranger)).toBe(name !== type);
      expect(hasChanged(stranger, one)).toBe(name !== type);
    }
  });
});

test.each([
  [{ N: '1.50' }, { N: '1.5' }],
  [{ NS: ['1.0', '2'] }, { NS: ['2.0', '1'] }],
])('numbers that are equal have not changed, however they are written: %j and %j', (before, after) => {
  expect(hasChanged(before, after)).toBe(false);
});
