import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { deduplicateTableStore } from './aws/deduplicate-table.ts';
import { systemClock } from './clock.ts';
import { DEDUPLICATE_ENV, type Deduplicate, type NewestStore } from './core/deduplicate.ts';
import { MillraceError } from './core/errors.ts';
import { deduplicateOf } from './deduplicate/sieve.ts';

export type { Deduplicate } from './core/deduplicate.ts';

export interface DeduplicateOptions {
  /** @default - the environment variable MILLRACE_DEDUPLICATE_TABLE */
  readonly tableName?: string;
  /**
   * Whose changes they are: handlers with different names do not see each other's.
   * @default - the environment variable MILLRACE_SUBSCRIPTION, or the function's name
   */
  readonly subscription?: string;
  /**
   * How long the Kinesis stream keeps its records, in hours: what was accepted is remembered that long, and a day more.
   * From 24 to 8760.
   * @default - the environment variable MILLRACE_STREAM_RETENTION_HOURS, or 168
   */
  readonly retentionHours?: number;
  /** @default - a client of the function's own region and role */
  readonly client?: DynamoDBClient;
}

const HOUR_MS = 3_600_000;

/**
 * Drops what the Kinesis feed repeats or brings late, for `changeHandler(functions, { deduplicate: deduplicateTable() })`.
 *
 * The newest change of each item that was settled is kept in a DynamoDB table, at the price of a read and a write for
 * each item of a batch. The table is found when the first event comes. In Lambda an event without one fails; elsewhere,
 * as in a unit test, everything is delivered.
 * @throws MillraceError `invalid-request` for a retention out of range.
 */
export function deduplicateTable(options: DeduplicateOptions = {}): Deduplicate {
  const { env } = process;
  const retentionHours = retentionOf(options.retentionHours ?? (env[DEDUPLICATE_ENV.retentionHours] || 168));
  const tableName = (): string | undefined => options.tableName ?? (env[DEDUPLICATE_ENV.table] || undefined);
  let store: NewestStore | null | undefined;
  return deduplicateOf(() => {
    if (store !== undefined) return store;
    const name = tableName();
    if (name === undefined && env.AWS_LAMBDA_FUNCTION_NAME !== undefined) throw noTable();
    const subscription =
      options.subscription ?? (env[DEDUPLICATE_ENV.subscription] || env.AWS_LAMBDA_FUNCTION_NAME) ?? 'direct';
    const client = options.client ?? new DynamoDBClient({ maxAttempts: 5 });
    const keepMs = (retentionHours + 24) * HOUR_MS;
    store =
      name === undefined
        ? null
        : deduplicateTableStore({ client, tableName: name, subscription, keepMs, nowMs: systemClock.nowMs });
    return store;
  });
}

function retentionOf(given: number | string): number {
  const hours = Number(given);
  if (Number.isInteger(hours) && hours >= 24 && hours <= 8760) return hours;
  throw new MillraceError(
    'invalid-request',
    `retentionHours, or the environment variable ${DEDUPLICATE_ENV.retentionHours}, must be a whole number from 24 to 8760, got ${JSON.stringify(given)}`,
  );
}

const noTable = (): MillraceError =>
  new MillraceError(
    'invalid-request',
    `tableName, or the environment variable ${DEDUPLICATE_ENV.table}, must name the table for deduplication, got nothing: give the subscription deduplicate: true`,
  );
