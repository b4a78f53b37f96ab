import { describe, expect, test } from 'vitest';
import type { RawItem } from '../../../shared/core/record.ts';
import { extentItems, itemDifference, keyOfItem, verifyExtent } from '../../../shared/core/verify.ts';

const key: RawItem = { id: { S: 'a' } };
const RULES = { ignored: new Set<string>(), isReplica: false };
const REPLICA = { ignored: new Set<string>(), isReplica: true };

describe('an item of two tables', () => {
  test('is missing where only the source has it, extra where only the target has it', () => {
    expect(itemDifference(key, key, undefined, RULES)).toEqual({ kind: 'missing', key });
    expect(itemDifference(key, undefined, key, RULES)).toEqual({ kind: 'extra', key });
    expect(itemDifference(key, undefined, undefined, RULES)).toBeNull();
  });

  test.each<[string, RawItem[string], RawItem[string]]>([
    ['numbers of one value', { N: '100' }, { N: '1E+2' }],
    ['sets in another order', { SS: ['a', 'b'] }, { SS: ['b', 'a'] }],
    ['number sets by value', { NS: ['1.0', '2'] }, { NS: ['2', '1'] }],
    ['the same binary', { B: 'AQI=' }, { B: 'AQI=' }],
    ['maps in another order', { M: { a: { S: '1' }, b: { NULL: true } } }, { M: { b: { NULL: true }, a: { S: '1' } } }],
  ])('is the same with %s', (_, ours, theirs) => {
    expect(itemDifference(key, { ...key, x: ours }, { ...key, x: theirs }, RULES)).toBeNull();
  });

  test.each<[string, RawItem[string], RawItem[string]]>([
    ['a text that looks like a number', { N: '1' }, { S: '1' }],
    ['lists in another order', { L: [{ S: 'a' }, { S: 'b' }] }, { L: [{ S: 'b' }, { S: 'a' }] }],
    [
      'the last of 38 digits',
      { N: '12345678901234567890123456789012345671' },
      { N: '12345678901234567890123456789012345672' },
    ],
    ['an empty text for none', { S: '' }, { NULL: true }],
    ['other binary', { B: 'AQI=' }, { B: 'AQM=' }],
    ['a set for a list', { SS: ['a'] }, { L: [{ S: 'a' }] }],
  ])('differs with %s', (_, ours, theirs) => {
    expect(itemDifference(key, { ...key, x: ours }, { ...key, x: theirs }, RULES)).toMatchObject({ kind: 'different' });
  });

  test('differs by paths, down to the innermost map or list', () => {
    const ours: RawItem = { ...key, at: { M: { city: { S: 'Ulm' } } }, gone: { BOOL: true } };
    const theirs: RawItem = { ...key, at: { M: { city: { S: 'Bonn' } } } };

    const difference = itemDifference(key, ours, theirs, RULES);

    expect(difference).toMatchObject({
      attributes: [
        { path: 'at.city', oldValue: 'Ulm', newValue: 'Bonn' },
        { path: 'gone', oldValue: true, newValue: undefined },
      ],
    });
  });

  test('is the same but for attributes that are ignored', () => {
    const rules = { ...RULES, ignored: new Set(['version']) };

    expect(itemDifference(key, key, { ...key, version: { N: '7' } }, rules)).toBeNull();
    expect(itemDifference(key, key, { ...key, other: { N: '7' } }, rules)).not.toBeNull();
  });

  test('of a replica is compared without its version, and is none where it is marked as deleted', () => {
    const version = { millraceVersion: { S: '000' } };
    const deleted: RawItem = { ...key, ...version, millraceDeleted: { BOOL: true }, millraceExpiresAt: { N: '9' } };

    expect(itemDifference(key, key, { ...key, ...version }, REPLICA)).toBeNull();
    expect(itemDifference(key, undefined, deleted, REPLICA)).toBeNull();
    expect(itemDifference(key, key, deleted, REPLICA)).toEqual({ kind: 'missing', key });
    expect(itemDifference(key, undefined, deleted, RULES)).toEqual({ kind: 'extra', key });
  });
});

test('a key has the attributes of the key alone, in its order', () => {
  const item: RawItem = { at: { N: '1' }, more: { S: 'x' }, id: { S: 'a' } };

  expect(JSON.stringify(keyOfItem(item, ['id', 'at']))).toBe('{"id":{"S":"a"},"at":{"N":"1"}}');
});

test('what is compared is all, so many items, or a share of those that the table counts', () => {
  expect(extentItems(verifyExtent(undefined), 400)).toBeNull();
  expect(extentItems(verifyExtent('1000'), 400)).toBe(1_000);
  expect(extentItems(verifyExtent('2.5%'), 401)).toBe(11);
  expect(extentItems(verifyExtent('5%'), 0)).toBeNull();
});

test.each(['', '0', '-1', '1.5', '101%', '0%', 'all', '5 %', '1e3'])('a sample of %j is refused', (text) => {
  expect(() => verifyExtent(text)).toThrow(
    `--sample must be a number of items from 1, or a share such as 5%, got ${JSON.stringify(text)}`,
  );
});
