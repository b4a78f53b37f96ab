import { marshall, NumberValueImpl } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DecodedValue, decodeItem, decodeValue } from '../../../shared/core/decode.ts';
import type { RawAttributeValue, RawItem } from '../../../shared/core/record.ts';

describe('decodeItem', () => {
  test('every form of attribute value that DynamoDB has is read', () => {
    const raw: RawItem = {
      string: { S: '' },
      number: { N: '1' },
      binary: { B: 'AQID' },
      empty: { B: '' },
      yes: { BOOL: true },
      no: { BOOL: false },
      nothing: { NULL: true },
      strings: { SS: ['a', 'b'] },
      numbers: { NS: ['1', '2.5'] },
      binaries: { BS: ['AQ==', 'Ag=='] },
      list: { L: [{ S: 'a' }, { L: [] }, { M: {} }] },
      map: { M: { inner: { M: { deep: { N: '3' } } } } },
    };

    expect(decodeItem(raw)).toEqual({
      string: '',
      number: 1,
      binary: new Uint8Array([1, 2, 3]),
      empty: new Uint8Array(),
      yes: true,
      no: false,
      nothing: null,
      strings: new Set(['a', 'b']),
      numbers: new Set([1, 2.5]),
      binaries: new Set([new Uint8Array([1]), new Uint8Array([2])]),
      list: ['a', [], {}],
      map: { inner: { deep: 3 } },
    });
  });

  test('an attribute called __proto__ stays an attribute and changes no prototype', () => {
    const raw: RawItem = JSON.parse('{"__proto__":{"M":{"__proto__":{"S":"x"},"constructor":{"S":"y"}}}}');

    const item = decodeItem(raw);

    expect(Object.keys(item)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
    expect(JSON.stringify(item)).toBe('{"__proto__":{"__proto__":"x","constructor":"y"}}');
  });

  test('maps and lists may be as deep as DynamoDB allows, and much deeper', () => {
    let deep: RawAttributeValue = { S: 'bottom' };
    for (let level = 0; level < 1_000; level += 1) deep = level % 2 === 0 ? { L: [deep] } : { M: { down: deep } };

    let value: DecodedValue = decodeValue(deep);
    for (let level = 0; level < 1_000; level += 1) value = Object.values(value as object)[0];

    expect(value).toBe('bottom');
  });

  test('a number set is of one kind, so that it can be written back', () => {
    const kinds = (texts: readonly string[]) => [...(decodeValue({ NS: texts }) as Set<unknown>)];

    expect(kinds(['1', '2'])).toEqual([1, 2]);
    expect(kinds(['1', '9007199254740993'])).toEqual([1n, 9007199254740993n]);
    expect(kinds(['1.5', '9007199254740993'])).toEqual([
      new NumberValueImpl('1.5'),
      new NumberValueImpl('9007199254740993'),
    ]);
  });

  test('bytes are their own, not a view of a shared pool', () => {
    const bytes = decodeValue({ B: 'AQID' }) as Uint8Array;

    expect(bytes.buffer.byteLength).toBe(3);
  });

  test('a type that a later DynamoDB may bring is handed over as it came', () => {
    expect(decodeItem(JSON.parse('{"v":{"VECTOR":[1]}}'))).toEqual({ v: { VECTOR: [1] } });
  });
});

/** `marshall` takes a map with this attribute for an instance of a class and refuses it. */
const name = fc
  .oneof(fc.string(), fc.constant('toString'))
  .filter((text) => text !== 'constructor' && text !== '__proto__');
const digits = (max: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{0,${max - 1}}$`));
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }).map(String),
  fc.tuple(fc.constantFrom('', '-'), digits(38)).map(([sign, text]) => sign + text),
  fc.tuple(digits(18), digits(20)).map(([whole, part]) => `${whole}.${part}`),
  fc
    .tuple(fc.constantFrom('', '-'), digits(1), digits(37), fc.integer({ min: -130, max: 125 }))
    .map(([sign, whole, part, exponent]) => `${sign}${whole}.${part}E${exponent < 0 ? '' : '+'}${exponent}`),
);
const base64 = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const set = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { minLength: 1, maxLength: 5 });
const { item } = fc.letrec<{ value: RawAttributeValue; item: RawItem }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.record({ S: fc.string() }),
    fc.record({ N: numberText }),
    fc.record({ B: base64 }),
    fc.record({ BOOL: fc.boolean() }),
    fc.constant({ NULL: true }),
    fc.record({ SS: set(fc.string()) }),
    fc.record({ NS: set(numberText) }),
    fc.record({ BS: set(base64) }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 4 }) }),
    fc.record({ M: tie('item') }),
  ),
  item: fc.dictionary(name, tie('value'), { maxKeys: 6 }),
}));

describe('nothing is lost between DynamoDB and a handler', () => {
  test('marshall(decode(raw)) gives every raw value back', () => {
    fc.assert(
      fc.property(item, (raw) => {
        expect(normal(marshall(decodeItem(raw)) as unknown as RawItem)).toEqual(normal(raw));
      }),
      { numRuns: 500 },
    );
  });

  test('decode(marshall(x)) gives back everything that a program can store', () => {
    const native = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 }).filter((value) => !Object.is(value, -0)),
        fc.bigInt({ min: 2n ** 53n, max: 10n ** 38n - 1n }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array({ maxLength: 20 }),
        set(fc.string()).map((members) => new Set(members)),
        set(fc.maxSafeInteger()).map((members) => new Set(members)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));

    fc.assert(
      fc.property(fc.dictionary(name, native.value, { maxKeys: 6, noNullPrototype: true }), (stored) => {
        const raw = JSON.parse(JSON.stringify(asEvent(marshall(stored))));
        expect(decodeItem(raw)).toEqual(stored);
      }),
      { numRuns: 500 },
    );
  });

  test('decoding throws for nothing at all that JSON can carry as an item', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.dictionary(fc.constantFrom('S', 'N', 'X'), fc.string())), (raw) => {
        decodeItem(JSON.parse(JSON.stringify(raw)));
      }),
    );
  });
});

/** Numbers by value, sets by members, binary as text: what DynamoDB regards as equal is equal. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  if ('N' in value && typeof value.N === 'string') return { N: plain(value.N) };
  if ('NS' in value && Array.isArray(value.NS)) return { NS: [...new Set(value.NS.map(plain))].sort() };
  if ('SS' in value && Array.isArray(value.SS)) return { SS: value.SS.toSorted() };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normal(inner)]));
}

/** A number's text without an exponent: an oracle of its own, made of text operations only. */
function plain(text: string): string {
  const [, sign = '', whole = '', part = '', exponent = '0'] =
    /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const point = whole.length + Number(exponent);
  const padded = (whole + part).padStart(whole.length + part.length + Math.max(0, -point), '0');
  const at = Math.max(0, point);
  const left = padded.padEnd(at, '0').slice(0, at).replace(/^0+/, '') || '0';
  const right = padded.slice(at).replace(/0+$/, '');
  return left === '0' && right === '' ? '0' : `${sign}${left}.${right}`;
}

/** Binary crosses Lambda's event as base64. */
function asEvent(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(asEvent);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asEvent(inner)]));
}
