import { expect, test } from 'vitest';
import { ShardRows } from '../../../shared/core/shard-rows.ts';
import { aLease } from '../../support/shards.ts';

test('rows know which shard has children, also one whose own row came later', () => {
  const rows = new ShardRows([aLease({ shardId: 'child', parents: ['left', 'right'] })]);
  rows.set('left', aLease({ shardId: 'left' }));

  expect([...rows.keys()]).toEqual(['child', 'left']);
  expect(['left', 'right', 'child'].map((shardId) => rows.hasChildren(shardId))).toEqual([true, true, false]);
});

test('a child that is forgotten leaves its parent one that had children', () => {
  const rows = new ShardRows([aLease({ shardId: 'child', parents: ['parent'] })]);
  rows.delete('child');

  expect(rows.size).toBe(0);
  expect(rows.hasChildren('parent')).toBe(true);
});
