import type { LeaseRow } from './lease.ts';
import type { LeaseKey } from './ports.ts';
import type { GapNotice } from './record.ts';
import type { Acceptance } from './recorded-gap.ts';
import { gapItem, gapKey, leaseItem, leaseKey, leaseValue, type StateItem } from './state-row.ts';

/** One conditional write of one row, as UpdateItem and TransactWriteItems take it. */
export interface RowUpdate {
  readonly Key: StateItem;
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues: StateItem;
}

/** Writes all of the owner's part of `next` on `previous`'s owner, epoch and revision. */
export function leaseUpdate(key: LeaseKey, previous: LeaseRow, next: LeaseRow): RowUpdate {
  const condition = ownership(previous);
  const clears = previous.claimant !== null && next.claimant === null;
  return {
    Key: leaseKey(key, previous.shardId),
    UpdateExpression: `SET #lease = :lease${clears ? ' REMOVE claimant' : ''}`,
    ConditionExpression: `${condition.expression} AND #lease.revision = :revision`,
    ExpressionAttributeNames: condition.names,
    ExpressionAttributeValues: {
      ...condition.values,
      ':revision': { N: String(previous.revision) },
      ':lease': leaseValue(next),
    },
  };
}

/** Creates a child's row, or leaves all of it as it is; holds no condition that could fail its transaction. */
export function childUpdate(key: LeaseKey, child: LeaseRow): RowUpdate {
  const { format, lease } = leaseItem(key, child);
  return {
    Key: leaseKey(key, child.shardId),
    UpdateExpression: 'SET #format = if_not_exists(#format, :format), #lease = if_not_exists(#lease, :lease)',
    ExpressionAttributeNames: { '#format': 'format', '#lease': 'lease' },
    ExpressionAttributeValues: { ':format': format!, ':lease': lease! },
  };
}

/** Writes the claimant alone, where there is none yet. */
export function claimantUpdate(key: LeaseKey, lease: LeaseRow, claimant: string): RowUpdate {
  const condition = ownership(lease);
  return {
    Key: leaseKey(key, lease.shardId),
    UpdateExpression: 'SET claimant = :claimant',
    ConditionExpression: `${condition.expression} AND (attribute_not_exists(claimant) OR claimant = :claimant)`,
    ExpressionAttributeNames: condition.names,
    ExpressionAttributeValues: { ...condition.values, ':claimant': { S: claimant } },
  };
}

/** Sets the moment from which DynamoDB may remove the row, where there is a row and it has none. */
export const removalUpdate = (key: LeaseKey, shardId: string, removeAtMs: number): RowUpdate => ({
  Key: leaseKey(key, shardId),
  UpdateExpression: 'SET removeAt = :removeAt',
  ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(removeAt)',
  ExpressionAttributeValues: { ':removeAt': { N: String(Math.ceil(removeAtMs / 1000)) } },
});

/** Writes down who accepted a gap; holds no condition that could fail its transaction. */
export function acceptanceUpdate(subscription: string, notice: GapNotice, { by, atMs }: Acceptance): RowUpdate {
  const { format, gap } = gapItem(subscription, notice);
  return {
    Key: gapKey(subscription, notice.id),
    UpdateExpression:
      'SET #format = if_not_exists(#format, :format), gap = if_not_exists(gap, :gap), accepted = :accepted',
    ExpressionAttributeNames: { '#format': 'format' },
    ExpressionAttributeValues: {
      ':format': format!,
      ':gap': gap!,
      ':accepted': { M: { by: { S: by }, atMs: { N: String(atMs) } } },
    },
  };
}

function ownership(lease: LeaseRow) {
  const owned = lease.owner === null ? null : { ':owner': { S: lease.owner } };
  return {
    expression: `#lease.epoch = :epoch AND ${owned ? '#lease.#owner = :owner' : 'attribute_not_exists(#lease.#owner)'}`,
    names: { '#lease': 'lease', '#owner': 'owner' },
    values: { ':epoch': { N: String(lease.epoch) }, ...owned },
  };
}
