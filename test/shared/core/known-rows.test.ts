import { expect, test } from 'vitest';
import { meetRows } from '../../../shared/core/known-rows.ts';
import { aLease, rows } from '../../support/shards.ts';

const nobodys = () => false;

test('a row is taken as it is stored, also one that nobody knew', () => {
  const known = rows({ a: [] });
  const stored = [aLease({ revision: 1 }), aLease({ shardId: 'b' })];

  meetRows(known, stored, nobodys);

  expect([...known.values()]).toEqual(stored);
});

test('a row that this walk writes, or has written since, stays its own, but for who asks for it', () => {
  const known = rows({ a: ['b'] }, { a: { revision: 1 }, b: { revision: 9 } });
  const asked = { claimant: 'walk-2', lastRecordAtMs: 7 };

  meetRows(
    known,
    [aLease({ revision: 2, ...asked }), aLease({ shardId: 'b', revision: 8, ...asked })],
    (id) => id === 'a',
  );

  expect([...known.values()]).toEqual([
    aLease({ revision: 1, claimant: 'walk-2' }),
    aLease({ shardId: 'b', parents: ['a'], revision: 9, claimant: 'walk-2' }),
  ]);
});

test('a row is forgotten when it was to be removed, and is', () => {
  const known = rows({ a: [], b: [], c: [] }, { a: { removeAtMs: 5 }, b: { removeAtMs: 5 } });

  meetRows(known, [aLease({ shardId: 'b', removeAtMs: 5 })], nobodys);

  expect([...known.keys()]).toEqual(['b', 'c']);
});
