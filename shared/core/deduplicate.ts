import { itemOf } from './change.ts';
import type { EventRecord } from './record.ts';
import { creationMicros } from './version.ts';

/** The environment variables that tell a function where it keeps what it has accepted. */
export const DEDUPLICATE_ENV = {
  /** The name of the table. Set on a function whose code has no `deduplicate`, it makes the first log line a warning. */
  table: 'MILLRACE_DEDUPLICATE_TABLE',
  /** Whose changes they are; the name of the function where it is not set. */
  subscription: 'MILLRACE_SUBSCRIPTION',
  /** How long the Kinesis stream keeps its records, in hours. */
  retentionHours: 'MILLRACE_STREAM_RETENTION_HOURS',
} as const;

/** The attributes of the table that its owner must declare: the key is a string, `expiresAt` its TTL. */
export const DEDUPLICATE_TABLE_KEYS = { partition: 'pk', expiresAt: 'expiresAt' } as const;

/** What the function's role may do with the table, and nothing else. */
export const DEDUPLICATE_TABLE_ACTIONS = ['dynamodb:BatchGetItem', 'dynamodb:PutItem'] as const;

/** The table as CreateTable takes it; the TTL on `expiresAt` is a call of its own. */
export const deduplicateTableDefinition = (tableName: string) => ({
  TableName: tableName,
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [{ AttributeName: DEDUPLICATE_TABLE_KEYS.partition, AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: DEDUPLICATE_TABLE_KEYS.partition, KeyType: 'HASH' as const }],
});

/** The newest change of an item that was settled. */
export interface Newest {
  /** When it happened, in microseconds. */
  readonly micros: number;
  /** The ids of the changes of that very time, the latest last. */
  readonly eventIds: readonly string[];
}

/** Keeps the newest change of each item. Reads are strongly consistent; a call that throws may have taken place. */
export interface NewestStore {
  /** What is kept of these items; items of which nothing is kept are missing. */
  readonly read: (items: readonly string[]) => Promise<ReadonlyMap<string, Newest>>;
  /** Keeps this, unless something newer is kept by now. */
  readonly keep: (item: string, newest: Newest) => Promise<void>;
}

/** The changes of one invocation, told apart. */
export interface Sieve {
  /** What to do with the change at this place. */
  readonly verdicts: readonly Verdict[];
  /**
   * Keeps what was settled: every change before `settled`. Resolves with the place of the first change of which that
   * failed, and why; `null` when all is kept.
   */
  readonly accept: (settled: number) => Promise<{ readonly index: number; readonly error: unknown } | null>;
}

/** What a handler knows of deduplication. */
export interface Deduplicate {
  /** Reads what is kept of the items of an event; `null` where there is nothing to keep it in. */
  readonly begin: (records: readonly EventRecord[]) => Promise<Sieve | null>;
}

/** `repeated`: this very change was settled before. `superseded`: a newer change of its item was. */
export type Verdict = 'deliver' | 'repeated' | 'superseded';

/** What tells a change from the others of its item. */
export interface Arrived {
  /** The item, its table, and the generation: a new generation is to have everything again. */
  readonly item: string;
  readonly micros: number;
  /** Whether the time is told to the millisecond only: then it stands for each of its microseconds. */
  readonly isRounded: boolean;
  readonly eventId: string;
}

/**
 * A change of the Kinesis feed; `null` for any other record, which is never dropped. A table's stream neither repeats
 * nor reorders, and tells the time in seconds, which say nothing of the order within one.
 */
export function arrivedIn(record: EventRecord): Arrived | null {
  if (record.eventSource !== 'aws:dynamodb' || !record.eventSourceARN?.includes(':kinesis:')) return null;
  const item = itemOf(record);
  if (item === null) return null;
  const generation = 'generation' in record && typeof record.generation === 'number' ? record.generation : 0;
  const { dynamodb } = record;
  const micros = creationMicros(dynamodb.ApproximateCreationDateTime);
  const isExact =
    'ApproximateCreationDateTimePrecision' in dynamodb &&
    dynamodb.ApproximateCreationDateTimePrecision === 'MICROSECOND';
  return {
    item: `${generation} ${record.eventSourceARN} ${item}`,
    micros,
    isRounded: !isExact && micros % MILLISECOND === 0,
    eventId: record.eventID,
  };
}

/** In microseconds. */
const MILLISECOND = 1_000;

/** Changes of one item at the same time come as they come; with more than this, a late repeat may come through. */
const MOST_EQUAL = 20;

/** Judges a change by the newest of its item that was delivered, and tells which is the newest after it. */
export function judge(newest: Newest | undefined, { micros, isRounded, eventId }: Arrived): readonly [Verdict, Newest] {
  if (newest === undefined || micros > newest.micros) return ['deliver', { micros, eventIds: [eventId] }];
  // Right after a table's precision was lowered, a rounded time may be that of a newer change.
  const isOlder = isRounded ? micros <= newest.micros - MILLISECOND : micros < newest.micros;
  if (isOlder) return ['superseded', newest];
  if (newest.eventIds.includes(eventId)) return ['repeated', newest];
  return ['deliver', { micros: newest.micros, eventIds: [...newest.eventIds, eventId].slice(-MOST_EQUAL) }];
}
