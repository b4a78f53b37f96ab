import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { joined, readRow, STATE_FORMAT, type StateItem } from './state-row.ts';
import type { TablePattern } from './table-pattern.ts';
import { type TableRow, tableKey } from './table-registry.ts';

/** What the last listing of a region's tables found. */
export interface SurveyRow {
  readonly revision: number;
  readonly region: string;
  /** What was looked for. */
  readonly pattern: TablePattern;
  /** When the last complete listing was made; 0 before the first. */
  readonly listedAtMs: number;
  /** How many tables the region has. */
  readonly tables: number;
  /** What went wrong since; `null` when all is well. */
  readonly failure: string | null;
}

export type RegistryRow = ({ readonly kind: 'table' } & TableRow) | ({ readonly kind: 'survey' } & SurveyRow);

/** Rows of tables whose streams are read to their end are removed after a month: for whoever asks what became of them. */
const KEEP_DRAINED_MS = 30 * 24 * 60 * 60 * 1000;

/** All tables that a pattern has found are in one partition, apart from the pattern's control rows, which are read often. */
export const registryPartition = (subscription: string): string => joined('tables', subscription);

export function registryItem(subscription: string, row: RegistryRow): StateItem {
  const sk = row.kind === 'table' ? `table#${tableKey(row)}` : `survey#${row.region}`;
  const isDrained = row.kind === 'table' && row.state === 'drained';
  const removeAt = isDrained ? Math.ceil((row.sinceMs + KEEP_DRAINED_MS) / 1000) : undefined;
  const fields = { pk: registryPartition(subscription), sk, format: STATE_FORMAT, ...row, removeAt };
  return marshall(fields, { removeUndefinedValues: true });
}

/** @throws MillraceError `invalid-state` when the row is of a newer format or not what Millrace writes. */
export const registryRow = (item: StateItem): RegistryRow => readRow(item, registrySchema);

const text = v.pipe(v.string('a text'), v.minLength(1, 'a text that is not empty'));
const whole = v.pipe(v.number('a whole number'), v.safeInteger('a whole number'));
const count = v.pipe(whole, v.minValue(0, 'a whole number from 0'));
const globs = v.array(v.string('a text'), 'a list of globs');

const registrySchema: v.GenericSchema<unknown, RegistryRow> = v.variant(
  'kind',
  [
    v.object({
      kind: v.literal('table'),
      revision: count,
      region: text,
      tableName: text,
      tableId: text,
      state: v.picklist(
        ['waiting', 'active', 'broken', 'unmatched', 'vanished', 'drained'],
        'one of "waiting", "active", "broken", "unmatched", "vanished", "drained"',
      ),
      reason: v.string('a text'),
      foundAtMs: whole,
      sinceMs: whole,
      stream: v.nullable(v.object({ arn: text, createdAtMs: whole }, 'a stream with arn and createdAtMs')),
    }),
    v.object({
      kind: v.literal('survey'),
      revision: count,
      region: text,
      pattern: v.object(
        { include: globs, exclude: globs, tags: v.record(v.string(), v.string('a text')) },
        'a pattern',
      ),
      listedAtMs: whole,
      tables: count,
      failure: v.nullable(v.string('a text')),
    }),
  ],
  '"table" or "survey"',
);
