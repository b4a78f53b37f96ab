import { describe, expect, test } from 'vitest';
import { afterSequenceNumber } from '../../../shared/core/position.ts';
import {
  acceptanceUpdate,
  childUpdate,
  claimantUpdate,
  leaseUpdate,
  removalUpdate,
} from '../../../shared/core/state-expression.ts';
import { gapItem, gapKey, leaseItem, leaseKey, leaseValue } from '../../../shared/core/state-row.ts';
import { aGap, aLease } from '../../support/shards.ts';
import { KEY } from '../../support/walk-context.ts';

const held = aLease({ owner: 'walk-1', epoch: 7, revision: 20 });

describe('the write of a lease', () => {
  const next = { ...held, revision: 21, position: afterSequenceNumber('100') };

  test('holds on the owner, the epoch and the revision that were read (I4)', () => {
    expect(leaseUpdate(KEY, held, next)).toEqual({
      Key: leaseKey(KEY, 'a'),
      UpdateExpression: 'SET #lease = :lease',
      ConditionExpression: '#lease.epoch = :epoch AND #lease.#owner = :owner AND #lease.revision = :revision',
      ExpressionAttributeNames: { '#lease': 'lease', '#owner': 'owner' },
      ExpressionAttributeValues: {
        ':owner': { S: 'walk-1' },
        ':epoch': { N: '7' },
        ':revision': { N: '20' },
        ':lease': leaseValue(next),
      },
    });
  });

  test('of a free lease holds on there being no owner', () => {
    const { ConditionExpression, ExpressionAttributeValues } = leaseUpdate(KEY, aLease(), held);

    expect(ConditionExpression).toBe(
      '#lease.epoch = :epoch AND attribute_not_exists(#lease.#owner) AND #lease.revision = :revision',
    );
    expect(ExpressionAttributeValues).not.toHaveProperty(':owner');
  });

  test.each([
    ['clears a claimant that was read', 'walk-2', null, 'SET #lease = :lease REMOVE claimant'],
    ['leaves a claimant alone that it did not read', null, null, 'SET #lease = :lease'],
    ['leaves a claimant alone that it keeps', 'walk-2', 'walk-2', 'SET #lease = :lease'],
  ])('%s', (_title, before, after, expression) => {
    const update = leaseUpdate(KEY, { ...held, claimant: before }, { ...next, claimant: after });

    expect(update.UpdateExpression).toBe(expression);
  });
});

test('a child’s row is created, or left as it is, on no condition', () => {
  const { format, lease } = leaseItem(KEY, aLease({ shardId: 'b' }));

  expect(childUpdate(KEY, aLease({ shardId: 'b' }))).toEqual({
    Key: leaseKey(KEY, 'b'),
    UpdateExpression: 'SET #format = if_not_exists(#format, :format), #lease = if_not_exists(#lease, :lease)',
    ExpressionAttributeNames: { '#format': 'format', '#lease': 'lease' },
    ExpressionAttributeValues: { ':format': format, ':lease': lease },
  });
});

test('a claimant asks the owner that was read, where nobody else has asked', () => {
  expect(claimantUpdate(KEY, held, 'walk-2')).toEqual({
    Key: leaseKey(KEY, 'a'),
    UpdateExpression: 'SET claimant = :claimant',
    ConditionExpression:
      '#lease.epoch = :epoch AND #lease.#owner = :owner AND (attribute_not_exists(claimant) OR claimant = :claimant)',
    ExpressionAttributeNames: { '#lease': 'lease', '#owner': 'owner' },
    ExpressionAttributeValues: { ':owner': { S: 'walk-1' }, ':epoch': { N: '7' }, ':claimant': { S: 'walk-2' } },
  });
});

test('a row’s removal is written once, in whole seconds, never too early', () => {
  expect(removalUpdate(KEY, 'a', 9_001)).toEqual({
    Key: leaseKey(KEY, 'a'),
    UpdateExpression: 'SET removeAt = :removeAt',
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(removeAt)',
    ExpressionAttributeValues: { ':removeAt': { N: '10' } },
  });
});

test('who accepted a gap is written beside it, whether it was written down before or not', () => {
  const { status: _status, ...notice } = aGap();
  const { format, gap } = gapItem('receipts', notice);

  expect(acceptanceUpdate('receipts', notice, { by: 'ann', atMs: 9 })).toEqual({
    Key: gapKey('receipts', notice.id),
    UpdateExpression:
      'SET #format = if_not_exists(#format, :format), gap = if_not_exists(gap, :gap), accepted = :accepted',
    ExpressionAttributeNames: { '#format': 'format' },
    ExpressionAttributeValues: {
      ':format': format,
      ':gap': gap,
      ':accepted': { M: { by: { S: 'ann' }, atMs: { N: '9' } } },
    },
  });
});
