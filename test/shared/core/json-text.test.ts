import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachElement, eachMember, valueEnd } from '../../../shared/core/json-text.ts';

const parsed = (bytes: Buffer, from: number, to: number): unknown => JSON.parse(bytes.toString('utf8', from, to));

function membersOf(text: string): readonly [string, unknown][] {
  const bytes = Buffer.from(text);
  const members: [string, unknown][] = [];
  const end = eachMember(bytes, 0, (name, from) => {
    const to = valueEnd(bytes, from);
    members.push([Buffer.from(name, 'latin1').toString(), parsed(bytes, from, to)]);
    return to;
  });
  expect(end).toBe(bytes.length);
  return members;
}

test('every member of any object is found where it lies, however the text is spaced', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
  fc.assert(
    fc.property(objects, fc.constantFrom(0, 1, '\t', '\r\n'), (object, space) => {
      const members = Object.entries(JSON.parse(JSON.stringify(object)) as object);

      const found = membersOf(JSON.stringify(object, null, space));

      expect(found).toEqual(members.map(([name, value]) => [JSON.stringify(name).slice(1, -1), value]));
    }),
  );
});

test('every element of any list is found in its place', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), (list, space) => {
      const text = Buffer.from(JSON.stringify(list, null, space));
      const found: unknown[] = [];

      const end = eachElement(text, 0, (_, from) => {
        const to = valueEnd(text, from);
        found.push(parsed(text, from, to));
        return to;
      });

      expect(end).toBe(text.length);
      expect(found).toEqual(JSON.parse(text.toString()));
    }),
  );
});

test('quotes and backslashes within strings end nothing', () => {
  expect(membersOf('{"a\\"}":"\\\\","b":["}]\\"",{"c":"\\\\\\""}]}')).toEqual([
    ['a\\"}', '\\'],
    ['b', ['}]"', { c: '\\"' }]],
  ]);
});

test.each(['', '[]', '{', '{"a"', '{"a":', '{"a":1', '{"a":{"b":1}', '{"a":"b}', '{"a" 1}', '{"a":1 "b":2}', '{"a":}'])(
  'a text that is cut off or goes on wrongly is refused: %s',
  (text) => {
    const bytes = Buffer.from(text);

    expect(() => eachMember(bytes, 0, (_, from) => valueEnd(bytes, from))).toThrow(SyntaxError);
  },
);
