import { describe, expect, test } from 'vitest';
import { type RegistryRow, registryItem, registryRow } from '../../../shared/core/table-row.ts';

const TABLE: RegistryRow = {
  kind: 'table',
  revision: 2,
  region: 'eu-west-1',
  tableName: 'prod-orders',
  tableId: 'life-1',
  state: 'active',
  reason: 'it matches prod-*',
  foundAtMs: 1,
  sinceMs: 2,
  stream: { arn: 'arn:stream', createdAtMs: 0 },
};
const SURVEY: RegistryRow = {
  kind: 'survey',
  revision: 0,
  region: 'eu-west-1',
  pattern: { include: ['prod-*'], exclude: [], tags: { cdc: 'on' } },
  listedAtMs: 5,
  tables: 7,
  failure: 'list tables: ThrottlingException: slow down',
};

describe('a row of the registry', () => {
  test.each([
    ['a table', TABLE],
    ['a table without a stream', { ...TABLE, stream: null }],
    ['a survey', SURVEY],
  ])('comes back as it was written: %s', (_name, row) => {
    expect(registryRow(registryItem('tenants', row as RegistryRow))).toEqual(row);
  });

  test('is its own for each life of a table', () => {
    const keys = [TABLE, { ...TABLE, tableId: 'life-2' }, { ...TABLE, region: 'us-east-1' }].map(
      (row) => registryItem('tenants', row).sk?.S,
    );

    expect(new Set(keys).size).toBe(3);
  });

  test('of a table that is drained is removed a month later, and no other ever', () => {
    const { removeAt } = registryItem('tenants', { ...TABLE, state: 'drained', sinceMs: 1_000 });

    expect(removeAt?.N).toBe(String(1 + 30 * 24 * 60 * 60));
    expect(registryItem('tenants', TABLE).removeAt).toBeUndefined();
  });

  test('of a newer format, or malformed, is refused in words', () => {
    const item = registryItem('tenants', TABLE);

    expect(() => registryRow({ ...item, format: { N: '99' } })).toThrow('deploy the newer release');
    expect(() => registryRow({ ...item, state: { S: 'lost' } })).toThrow(
      'state must be one of "waiting", "active", "broken", "unmatched", "vanished", "drained", got "lost"',
    );
  });
});
