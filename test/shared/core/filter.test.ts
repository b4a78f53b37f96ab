import { expect, test } from 'vitest';
import { type FilterPattern, recordFilter } from '../../../shared/core/filter.ts';

const record = {
  eventName: 'MODIFY',
  awsRegion: 'eu-west-1',
  dynamodb: {
    ApproximateCreationDateTime: 1_767_225_600,
    Keys: { id: { S: 'order-1' } },
    SizeBytes: 120,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    NewImage: {
      id: { S: 'order-1' },
      status: { S: 'Paid' },
      note: { S: '' },
      total: { N: '12.5' },
      isGift: { BOOL: true },
      coupon: { NULL: true },
      tags: { SS: ['blue', 'large'] },
      empty: { L: [] },
      address: { M: { city: { S: 'Graz' }, zip: { S: '8010' } } },
      lines: { L: [{ M: { sku: { S: 'a' }, count: { N: '1' } } }, { M: { sku: { S: 'b' }, count: { N: '2' } } }] },
    },
    OldImage: { id: { S: 'order-1' }, status: { S: 'New' } },
  },
};

const image = (fields: FilterPattern): FilterPattern => ({ dynamodb: { NewImage: fields } });

test.each<[string, FilterPattern, boolean]>([
  ['text compares exactly', { eventName: ['MODIFY'] }, true],
  ['text compares its case, too', { eventName: ['modify'] }, false],
  ['alternatives are ORed', { eventName: ['INSERT', 'MODIFY'] }, true],
  ['fields are ANDed', { eventName: ['MODIFY'], awsRegion: ['us-east-1'] }, false],
  ['the empty text is a value', image({ note: { S: [''] } }), true],
  ['a missing field has no value', image({ missing: { S: [''] } }), false],
  ['a number matches a number', { dynamodb: { SizeBytes: [120] } }, true],
  ['a number does not match the text that DynamoDB keeps numbers in', image({ total: { N: [12.5] } }), false],
  ['the text of a number does', image({ total: { N: ['12.5'] } }), true],
  ['true matches true', image({ isGift: { BOOL: [true] } }), true],
  ['false does not match true', image({ isGift: { BOOL: [false] } }), false],
  ['null does not match what DynamoDB writes for null', image({ coupon: { NULL: [null] } }), false],
  ['null in DynamoDB is NULL: true', image({ coupon: { NULL: [true] } }), true],
  ['prefix', image({ status: { S: [{ prefix: 'Pa' }] } }), true],
  ['prefix elsewhere', image({ status: { S: [{ prefix: 'aid' }] } }), false],
  ['suffix', image({ status: { S: [{ suffix: 'aid' }] } }), true],
  ['suffix elsewhere', image({ status: { S: [{ suffix: 'Pa' }] } }), false],
  ['equals-ignore-case', image({ status: { S: [{ 'equals-ignore-case': 'pAID' }] } }), true],
  ['anything-but a value', image({ status: { S: [{ 'anything-but': 'New' }] } }), true],
  ['anything-but the value there is', image({ status: { S: [{ 'anything-but': ['New', 'Paid'] }] } }), false],
  ['anything-but needs a value', image({ missing: { S: [{ 'anything-but': ['x'] }] } }), false],
  ['anything-but a prefix', image({ status: { S: [{ 'anything-but': { prefix: 'Pa' } }] } }), false],
  ['anything-but another suffix', image({ status: { S: [{ 'anything-but': { suffix: 'x' } }] } }), true],
  ['exists', image({ status: { S: [{ exists: true }] } }), true],
  ['exists where nothing is', image({ missing: { S: [{ exists: true }] } }), false],
  ['exists: false where nothing is', image({ missing: { S: [{ exists: false }] } }), true],
  ['exists: false where something is', image({ status: { S: [{ exists: false }] } }), false],
  ['an object is no leaf, so it does not exist', { dynamodb: { NewImage: [{ exists: true }] } }, false],
  ['and its absence is true', { dynamodb: { NewImage: [{ exists: false }] } }, true],
  ['an empty list has no leaf', image({ empty: { L: { S: [{ exists: false }] } } }), true],
  ['numeric =', { dynamodb: { SizeBytes: [{ numeric: ['=', 120] }] } }, true],
  ['numeric range', { dynamodb: { SizeBytes: [{ numeric: ['>', 100, '<=', 120] }] } }, true],
  ['numeric range, its end left out', { dynamodb: { SizeBytes: [{ numeric: ['>=', 100, '<', 120] }] } }, false],
  ['numeric never matches an N, which is text', image({ total: { N: [{ numeric: ['>', 0] }] } }), false],
  ['one element of a set is enough', image({ tags: { SS: ['large', 'huge'] } }), true],
  ['none of a set', image({ tags: { SS: ['huge'] } }), false],
  ['anything-but on a set asks for one other element', image({ tags: { SS: [{ 'anything-but': ['blue'] }] } }), true],
  ['maps nest', image({ address: { M: { city: { S: ['Graz'] }, zip: { S: ['8010'] } } } }), true],
  ['one element of a list is enough', image({ lines: { L: { M: { sku: { S: ['b'] } } } } }), true],
  [
    'and has to satisfy all fields by itself',
    image({ lines: { L: { M: { sku: { S: ['a'] }, count: { N: ['2'] } } } } }),
    false,
  ],
  ['$or is true when one of its patterns is', { $or: [{ eventName: ['INSERT'] }, { awsRegion: ['eu-west-1'] }] }, true],
  ['$or is false when none is', { $or: [{ eventName: ['INSERT'] }, { awsRegion: ['us-east-1'] }] }, false],
  [
    '$or nests and is ANDed with its neighbours',
    image({ status: { S: ['Paid'] }, $or: [{ total: { N: ['1'] } }, { note: { S: [''] } }] }),
    true,
  ],
  [
    'both images under one dynamodb',
    { dynamodb: { OldImage: { status: { S: ['New'] } }, NewImage: { status: { S: ['Paid'] } } } },
    true,
  ],
])('%s', (_title, pattern, matches) => {
  expect(recordFilter([pattern])(record)).toBe(matches);
});

test('no pattern lets every record pass', () => {
  expect(recordFilter([])(record)).toBe(true);
});

test('one pattern of several is enough', () => {
  expect(recordFilter([{ eventName: ['INSERT'] }, { eventName: ['MODIFY'] }])(record)).toBe(true);
});

test('an attribute named like a part of JavaScript is one like any other', () => {
  const pattern = JSON.parse('{"dynamodb":{"NewImage":{"__proto__":{"S":["x"]}}}}') as FilterPattern;
  const polluted: unknown = JSON.parse('{"dynamodb":{"NewImage":{"__proto__":{"S":"x"}}}}');

  expect(recordFilter([pattern])(polluted)).toBe(true);
  expect(recordFilter([{ constructor: [{ exists: true }] }])({})).toBe(false);
});

test.each<[FilterPattern, string]>([
  [{}, 'filters must be an object with at least one field, got {}'],
  [{ eventName: 'INSERT' }, 'filters.eventName must be a list of alternatives or an object, got "INSERT"'],
  [{ eventName: [] }, 'filters.eventName must be a list with at least one alternative, got []'],
  [{ eventName: [['INSERT']] }, 'filters.eventName[0] must be text, a number, true, false, null or an operator'],
  [{ eventName: [{}] }, 'filters.eventName[0] must be an object with one operator, got {}'],
  [{ eventName: [{ prefix: 'a', suffix: 'b' }] }, 'filters.eventName[0] must be an object with one operator'],
  [{ eventName: [{ wildcard: 'a*' }] }, 'filters.eventName[0] must be one of "prefix", "suffix"'],
  [{ eventName: [{ constructor: 'a' }] }, 'filters.eventName[0] must be one of "prefix", "suffix"'],
  [{ eventName: [{ prefix: 1 }] }, 'filters.eventName[0].prefix must be text, got 1'],
  [{ eventName: [{ exists: 'yes' }] }, 'filters.eventName[0].exists must be true or false, got "yes"'],
  [{ a: [{ numeric: ['>'] }] }, 'filters.a[0].numeric must be a list such as'],
  [{ a: [{ numeric: ['=>', 1] }] }, 'filters.a[0].numeric must be one of = < <= > >= before a number, got "=>"'],
  [{ a: [{ numeric: ['>', '1'] }] }, 'filters.a[0].numeric must be a number after >, got "1"'],
  [{ a: [{ 'anything-but': [] }] }, 'filters.a[0].anything-but must be text, numbers, or a list of them, got []'],
  [{ a: [{ 'anything-but': { prefix: 'a', suffix: 'b' } }] }, 'filters.a[0].anything-but must be an object with one'],
  [{ $or: [{ a: ['x'] }] }, 'filters.$or must be a list of at least two patterns'],
  [{ $or: [{ a: ['x'] }, 'b'] }, 'filters.$or[1] must be a pattern, got "b"'],
])('refuses %j', (pattern, message) => {
  expect(() => recordFilter([pattern])).toThrow(message);
});
