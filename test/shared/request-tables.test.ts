import { describe, expect, test } from 'vitest';
import { isForTables, parseWalkRequest } from '../../shared/request.ts';

const request = (source: object) => ({
  format: 1,
  pipeline: 'Stack/Changes',
  subscription: 'tenants',
  stateTable: 'state',
  source: { kind: 'tables', include: ['prod-*'], regions: ['eu-west-1'], ...source },
  handler: { functionArn: 'arn:handler', timeoutMs: 30_000 },
  worker: 0,
  workers: 1,
});

describe('a request for all tables of a pattern', () => {
  test('looks for streams that are on, without tags, unless it says more', () => {
    const parsed = parseWalkRequest(request({}));

    expect(isForTables(parsed)).toBe(true);
    expect(parsed.source).toEqual({
      kind: 'tables',
      include: ['prod-*'],
      exclude: [],
      tags: {},
      regions: ['eu-west-1'],
      streams: 'expect',
    });
  });

  test.each([
    [{ include: [] }, 'source.include must be a list of at least one glob, got []'],
    [{ include: undefined }, 'source.include must be a list of globs, got nothing'],
    [
      { include: ['prod/*'] },
      'source.include.0 must be a glob of a table name: a-z, A-Z, 0-9, _, -, ., * and ?, got "prod/*"',
    ],
    [{ regions: [] }, 'source.regions must be a list of at least one AWS region, got []'],
    [{ tags: { cdc: 1 } }, 'source.tags.cdc must be a glob, got 1'],
    [{ streams: 'on' }, 'source.streams must be one of "enable", "expect", got "on"'],
    [{ tableName: 'orders' }, 'source.tableName must be left out: there is no such field, got "orders"'],
  ])('is refused in words: %j', (source, message) => {
    expect(() => parseWalkRequest(request(source))).toThrow(message);
  });
});
