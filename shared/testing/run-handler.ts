import type { KinesisEventRecord } from '../core/kinesis-record.ts';
import type { EventRecord } from '../core/record.ts';
import type { InvocationContext } from '../handler/context.ts';

/** What Lambda, or the walker, makes of an invocation. */
export interface HandlerRun<Record extends object = EventRecord> {
  /** The records that are done with: the position moves behind them. */
  readonly settled: readonly Record[];
  /** The records that are sent again. */
  readonly retried: readonly Record[];
  /** What the handler returned. */
  readonly response: unknown;
  /** What it threw; `undefined` when it did not. */
  readonly error: unknown;
}

export interface RunOptions {
  /** What the context says is left of the invocation. @default 30000 */
  readonly remainingMs?: number;
}

/**
 * Runs a handler like Lambda does with partial batch responses: the event crosses as JSON, and the answer is read by
 * Lambda's rules.
 *
 * The lowest sequence number reported parts the settled from the retried. An error, or an identifier that is empty or
 * not of the batch, retries everything.
 */
export async function runHandler<Event extends { readonly Records: readonly object[] }>(
  handler: (event: Event, context: InvocationContext) => unknown,
  event: Event,
  { remainingMs = 30_000 }: RunOptions = {},
): Promise<HandlerRun<Event['Records'][number]>> {
  const records: readonly Event['Records'][number][] = event.Records;
  const context: InvocationContext = { getRemainingTimeInMillis: () => remainingMs };
  try {
    const response: unknown = await handler(JSON.parse(JSON.stringify(event)), context);
    const failedAt = firstFailed(records, response);
    return { settled: records.slice(0, failedAt), retried: records.slice(failedAt), response, error: undefined };
  } catch (error) {
    return { settled: [], retried: records, response: undefined, error };
  }
}

function firstFailed(records: readonly object[], response: unknown): number {
  if (typeof response !== 'object' || response === null || !('batchItemFailures' in response)) return records.length;
  const failures: unknown = response.batchItemFailures;
  if (!Array.isArray(failures)) return records.length;
  const places = failures.map((failure: { readonly itemIdentifier?: unknown } | null) =>
    records.findIndex((record) => sequenceNumberOf(record) === failure?.itemIdentifier),
  );
  return Math.max(0, Math.min(records.length, ...places));
}

/** What a partial batch response names: a record of a table's stream has it in another place than one of Kinesis. */
function sequenceNumberOf(record: object): string | undefined {
  const { dynamodb, kinesis }: Partial<Pick<EventRecord, 'dynamodb'> & Pick<KinesisEventRecord, 'kinesis'>> = record;
  return kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber;
}
