import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedAttributes } from '../../../shared/core/changed.ts';
import { encodeItem } from '../../../shared/testing/index.ts';

const changed = (before: object, after: object) => changedAttributes(encodeItem(before), encodeItem(after));

describe('changedAttributes', () => {
  test('only what differs is named, down to the innermost map or list', () => {
    const before = { id: 'a', total: 1, address: { city: 'Ulm', zip: '89073' }, lines: [{ sku: 'x', count: 1 }] };
    const after = { id: 'a', total: 2, address: { city: 'Bonn', zip: '89073' }, lines: [{ sku: 'x', count: 3 }] };

    expect(changed(before, after)).toEqual([
      { path: 'total', segments: ['total'], oldValue: 1, newValue: 2 },
      { path: 'address.city', segments: ['address', 'city'], oldValue: 'Ulm', newValue: 'Bonn' },
      { path: 'lines[0].count', segments: ['lines', 0, 'count'], oldValue: 1, newValue: 3 },
    ]);
  });

  test('what was added has no old value and what was removed no new one', () => {
    expect(changed({ gone: 'x', list: [1] }, { list: [1, 2], come: { deep: true } })).toEqual([
      { path: 'list[1]', segments: ['list', 1], oldValue: undefined, newValue: 2 },
      { path: 'come', segments: ['come'], oldValue: undefined, newValue: { deep: true } },
      { path: 'gone', segments: ['gone'], oldValue: 'x', newValue: undefined },
    ]);
  });

  test('sets compare as sets, whatever their order', () => {
    const bytes = (...values: number[]) => new Set(values.map((value) => new Uint8Array([value])));

    expect(
      changed({ tags: new Set(['a', 'b']), bins: bytes(1, 2) }, { tags: new Set(['b', 'a']), bins: bytes(2, 1) }),
    ).toEqual([]);
    expect(changed({ tags: new Set([1, 2]) }, { tags: new Set([2, 3]) })).toMatchObject([
      { path: 'tags', oldValue: new Set([1, 2]), newValue: new Set([2, 3]) },
    ]);
  });

  test('numbers compare by value, and a value of another type is another value', () => {
    expect(changedAttributes({ n: { N: '1.0' } }, { n: { N: '1' } })).toEqual([]);
    expect(changed({ v: '1' }, { v: 1 })).toMatchObject([{ oldValue: '1', newValue: 1 }]);
    expect(changed({ v: null }, { v: false })).toMatchObject([{ oldValue: null, newValue: false }]);
    expect(changed({ v: ['a'] }, { v: new Set(['a']) })).toHaveLength(1);
  });

  test('attributes that share their names with an object’s own methods are compared, too', () => {
    const after = JSON.parse('{"__proto__":{"S":"x"},"toString":{"S":"y"}}');

    expect(changedAttributes({}, after).map(({ path, oldValue }) => [path, oldValue])).toEqual([
      ['__proto__', undefined],
      ['toString', undefined],
    ]);
  });

  test('an image has not changed against itself, and every change can be applied to the old one', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    const item = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { noNullPrototype: true });

    fc.assert(
      fc.property(item, item, (before, after) => {
        expect(changed(before, before)).toEqual([]);
        expect(applied(before, changed(before, after))).toEqual(after);
      }),
    );
  });
});

type Node = { [name: string | number]: Node };

function applied(before: object, changes: ReturnType<typeof changedAttributes>): unknown {
  const item = structuredClone({ ...before }) as Node;
  for (const { segments, newValue } of changes.toReversed()) {
    const parent = segments.slice(0, -1).reduce<Node>((node, segment) => node[segment]!, item);
    const last = segments.at(-1)!;
    if (newValue !== undefined) parent[last] = newValue as unknown as Node;
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return item;
}
