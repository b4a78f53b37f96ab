import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  judgeName,
  judgeTable,
  matchesGlob,
  OWN_TABLE_TAG,
  type TablePattern,
} from '../../../shared/core/table-pattern.ts';

const aPattern = (changes: Partial<TablePattern> = {}): TablePattern => ({
  include: ['prod-*'],
  exclude: [],
  tags: {},
  ...changes,
});

describe('a glob', () => {
  test.each([
    ['prod-*', 'prod-orders', true],
    ['prod-*', 'prod-', true],
    ['prod-*', 'my-prod-orders', false],
    ['*', '', true],
    ['*-orders', 'prod-orders-orders', true],
    ['*-orders', 'prod-orders-x', false],
    ['a*b*c', 'aXXbYYbZc', true],
    ['tenant-??', 'tenant-07', true],
    ['tenant-??', 'tenant-7', false],
    ['orders', 'Orders', false],
    ['a.b', 'aXb', false],
    ['', 'a', false],
  ])('%s and the name %s: %s', (glob, name, matches) => {
    expect(matchesGlob(glob, name)).toBe(matches);
  });

  test('matches what the same regular expression matches', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 8 });
    const globs = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 6 });
    fc.assert(
      fc.property(globs, letters, (glob, text) => {
        const expression = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');

        expect(matchesGlob(glob, text)).toBe(new RegExp(`^${expression}$`).test(text));
      }),
    );
  });

  test('with many stars is soon decided', () => {
    expect(matchesGlob('a*'.repeat(100), `${'a'.repeat(250)}b`)).toBe(true);
    expect(matchesGlob(`${'*a'.repeat(60)}*c`, 'a'.repeat(255))).toBe(false);
  });
});

describe('a table', () => {
  test('that no glob includes does not match, whatever its tags', () => {
    expect(judgeName(aPattern({ include: ['prod-*', 'live-*'] }), 'test-orders')).toEqual({
      matches: false,
      why: 'matches none of prod-*, live-*',
    });
  });

  test('is excluded although it is included', () => {
    const pattern = aPattern({ exclude: ['*-tmp', 'prod-tmp-*'] });

    expect(judgeName(pattern, 'prod-tmp-1')).toEqual({ matches: false, why: 'is excluded by prod-tmp-*' });
  });

  test('whose name matches is not judged without its tags', () => {
    expect(judgeName(aPattern(), 'prod-orders')).toBeNull();
  });

  test('matches by the glob that is named', () => {
    expect(judgeTable(aPattern({ include: ['x', 'prod-*'] }), 'prod-orders', {})).toEqual({
      matches: true,
      why: 'matches prod-*',
    });
  });

  test('needs every tag', () => {
    const pattern = aPattern({ tags: { cdc: 'on', team: 'shop-*' } });

    const why = (tags: Record<string, string>) => judgeTable(pattern, 'prod-orders', tags);

    expect(why({ cdc: 'on', team: 'shop-1' })).toEqual({
      matches: true,
      why: 'matches prod-* and has the tag cdc=on and has the tag team=shop-1',
    });
    expect(why({ cdc: 'on' })).toEqual({ matches: false, why: 'has no tag team' });
    expect(why({ cdc: 'off', team: 'shop-1' })).toEqual({ matches: false, why: 'has the tag cdc=off, not cdc=on' });
  });

  test('of a pipeline never matches, so that no walk reads what walks write', () => {
    expect(judgeTable(aPattern({ include: ['*'] }), 'prod-state', { [OWN_TABLE_TAG]: 'true' })).toEqual({
      matches: false,
      why: 'is a table of a Millrace pipeline itself',
    });
  });
});
