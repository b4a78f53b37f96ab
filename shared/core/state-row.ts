import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type * as v from 'valibot';
import { getDotPath, safeParse } from 'valibot';
import { MillraceError } from './errors.ts';
import type { LeaseRow } from './lease.ts';
import type { LeaseKey } from './ports.ts';
import type { GapNotice } from './record.ts';
import type { RecordedGap } from './recorded-gap.ts';
import { controlSchema, gapSchema, leaseSchema } from './state-schema.ts';
import { type ControlRow, controlRowId, streamId } from './subscription.ts';

/** The newest row format this release writes and reads. A later one reads it before it writes a newer one. */
export const STATE_FORMAT = 1;

/** The attributes of the state table that its owner must declare: both keys are strings, `removeAt` its TTL. */
export const STATE_TABLE_KEYS = { partition: 'pk', sort: 'sk', removeAt: 'removeAt' } as const;

/** The state table as CreateTable takes it; the TTL on `removeAt` is a call of its own. */
export const stateTableDefinition = (tableName: string) => ({
  TableName: tableName,
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [
    { AttributeName: STATE_TABLE_KEYS.partition, AttributeType: 'S' as const },
    { AttributeName: STATE_TABLE_KEYS.sort, AttributeType: 'S' as const },
  ],
  KeySchema: [
    { AttributeName: STATE_TABLE_KEYS.partition, KeyType: 'HASH' as const },
    { AttributeName: STATE_TABLE_KEYS.sort, KeyType: 'RANGE' as const },
  ],
});

/** A row, or a part of one, in DynamoDB's own attribute values. */
export type StateItem = Extract<Parameters<typeof unmarshall>[0], Record<string, unknown>>;

/** All control rows of a subscription are in one partition, so that one query reads them. */
export const controlPartition = (subscription: string): string => joined('subscription', subscription);
/** All shards of one generation on one stream are in one partition. */
export const leasePartition = (key: LeaseKey): string =>
  joined('leases', key.subscription, String(key.generation), streamId(key.stream));
export const gapPartition = (subscription: string): string => joined('gaps', subscription);

export const controlKey = (subscription: string, rowId: string): StateItem =>
  marshall({ pk: controlPartition(subscription), sk: rowId });
export const leaseKey = (key: LeaseKey, shardId: string): StateItem =>
  marshall({ pk: leasePartition(key), sk: `${SHARD}${shardId}` });
export const gapKey = (subscription: string, gapId: string): StateItem =>
  marshall({ pk: gapPartition(subscription), sk: gapId });

export const controlItem = (subscription: string, row: ControlRow): StateItem => ({
  ...controlKey(subscription, controlRowId(row)),
  ...packed({ format: STATE_FORMAT, ...row, ...removal(row) }),
});

/** What DynamoDB's TTL reads, in seconds. */
const removal = (row: ControlRow): object =>
  row.kind === 'stream' && row.removeAtMs !== undefined ? { removeAt: Math.ceil(row.removeAtMs / 1000) } : {};

/** A new lease's whole row. */
export const leaseItem = (key: LeaseKey, lease: LeaseRow): StateItem => ({
  ...leaseKey(key, lease.shardId),
  ...packed({ format: STATE_FORMAT }),
  lease: leaseValue(lease),
});

/**
 * Everything of a lease that only its owner writes, as one attribute: it is written whole or, where the row exists
 * already, left whole. The claimant and the moment of removal are beside it. Fields that are `null` are left out.
 */
export function leaseValue(lease: LeaseRow): StateItem[string] {
  const { shardId: _key, claimant: _others, removeAtMs: _everybodys, ...owned } = lease;
  return { M: packed(Object.fromEntries(Object.entries(owned).filter(([, value]) => value !== null))) };
}

export const gapItem = (subscription: string, gap: GapNotice): StateItem => ({
  ...gapKey(subscription, gap.id),
  ...packed({ format: STATE_FORMAT, gap }),
});

/** @throws MillraceError `invalid-state` when the row is of a newer format or not what Millrace writes. */
export const controlRow = (item: StateItem): ControlRow => readRow(item, controlSchema);

/** @throws MillraceError `invalid-state` when the row is of a newer format or not what Millrace writes. */
export function leaseRow(item: StateItem): LeaseRow {
  const { sk, claimant, lease, removeAt } = readRow(item, leaseSchema);
  const removal = removeAt === undefined ? {} : { removeAtMs: removeAt * 1000 };
  return { shardId: sk.slice(SHARD.length), claimant, ...lease, ...removal };
}

/** @throws MillraceError `invalid-state` when the row is of a newer format or not what Millrace writes. */
export function gapRow(item: StateItem): RecordedGap {
  const { gap, accepted } = readRow(item, gapSchema);
  return accepted === undefined ? gap : { ...gap, accepted };
}

const SHARD = 'shard#';

/** A partition's name: `#` separates, so the parts must not hold it. */
export const joined = (...parts: readonly string[]): string =>
  parts.map((part) => part.replace(/[#%]/g, encodeURIComponent)).join('#');

const packed = (value: object): StateItem => marshall(value, { removeUndefinedValues: true });

/** @throws MillraceError `invalid-state` when the row is of a newer format or not what the schema says. */
export function readRow<const S extends v.GenericSchema>(item: StateItem, schema: S): v.InferOutput<S> {
  const name = `the row ${JSON.stringify(item.pk?.S ?? null)}, ${JSON.stringify(item.sk?.S ?? null)} of the state table`;
  const row = unpacked(item, name);
  if (typeof row.format === 'number' && row.format > STATE_FORMAT) {
    throw new MillraceError(
      'invalid-state',
      `${name} has format ${row.format}, and this release of Millrace reads formats up to ${STATE_FORMAT}: deploy the newer release`,
    );
  }
  const result = safeParse(schema, row, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new MillraceError('invalid-state', `${name} is malformed: ${problem(issue)}`);
}

function problem(issue: v.BaseIssue<unknown>): string {
  const field = getDotPath(issue) ?? 'the row';
  if (issue.type === 'object' && issue.input === undefined) return `${field} is missing`;
  const allowed = issue.message.startsWith('Invalid') ? String(issue.expected) : issue.message;
  return `${field} must be ${allowed}, got ${shown(issue.input)}`;
}

function unpacked(item: StateItem, name: string): Record<string, unknown> {
  try {
    return unmarshall(item);
  } catch (cause) {
    throw new MillraceError('invalid-state', `${name} is malformed: ${String(cause)}`, { cause });
  }
}

const shown = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : typeof value === 'bigint'
      ? String(value)
      : (JSON.stringify(value)?.slice(0, 200) ?? String(value));
