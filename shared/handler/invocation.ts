import { MillraceError } from '../core/errors.ts';
import { isKinesisRecord, kinesisChange } from '../core/kinesis-record.ts';
import type { RedriveResult } from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import { redriveIn } from '../core/redrive-event.ts';
import { runBulk } from './bulk.ts';
import { contextMaker, type InvocationContext } from './context.ts';
import { kept, sifted, warnOfUnused } from './deduplicated.ts';
import { runEach } from './each.ts';
import type { WindowState } from './functions.ts';
import { identityOf } from './identity.ts';
import { lazyLogger } from './lazy-logger.ts';
import { metricLines, newTally } from './metrics.ts';
import type { HandlerOptions } from './options.ts';
import { guardOf, redriven, warnOfUnusedParking } from './parked.ts';
import type { Router } from './route.ts';
import { noteFailure, type Run } from './run.ts';
import { isWindowEvent, nextWindowState } from './window.ts';

/** An event as Lambda or the walker sends it; its records are checked when they are read. */
export interface IncomingEvent {
  readonly Records: readonly object[];
}

/** A partial batch response: everything before the failure named is settled. */
export interface HandlerResponse {
  batchItemFailures: { itemIdentifier: string }[];
  /** Only in the answer to an event of a tumbling window. */
  state?: WindowState;
  /** Only in the answer to a redrive event. */
  redrive?: RedriveResult;
}

export type ChangeHandler = (event: IncomingEvent, context?: InvocationContext) => Promise<HandlerResponse>;

/** Makes the Lambda handler of a router. */
export function invocationOf(router: Router, options: HandlerOptions, env: NodeJS.ProcessEnv): ChangeHandler {
  const concurrency = concurrencyOf(options);
  const logger = lazyLogger(options.logger);
  const marksLogger = options.logger !== undefined && concurrency === 1;
  let hasNamedUnmatched = false;
  warnOfUnusedParking(options, env, logger.get);
  warnOfUnused(options, env, logger.get);

  return async (event, context) => {
    const records = recordsOf(event);
    logger.begin(context);
    const contextOf = contextMaker(logger.child, context);
    const begun: Run = { router, logger: logger.get, marksLogger, tally: newTally(), contextOf, guard: null };
    const redrive = await redriven(begun, event, options.parking);
    const run = { ...begun, guard: records.length === 0 ? null : await guardOf(begun, options.parking) };

    const fresh = await sifted(records, options.deduplicate);
    const failedAt = await kept(run, records, fresh, await runAll(run, fresh.records, concurrency));
    if (marksLogger) logger.get().removeKeys(['change']);
    const settled = fresh.records.filter((_record, index) => fresh.places[index]! < (failedAt ?? records.length));
    const handled = settled.filter((record) => !run.tally.waiting.has(record));
    const response = await responseTo(run, event, { records, failedAt, handled });

    const [unmatched] = run.tally.unmatched;
    if (unmatched && !hasNamedUnmatched) {
      hasNamedUnmatched = true;
      logger.get().warn('a change matches no entity and is skipped; from now on such changes are only counted', {
        change: identityOf(unmatched),
      });
    }
    writeMetrics(run, records, options, env);
    return redrive ? { ...response, redrive } : response;
  };
}

function runAll(run: Run, records: readonly EventRecord[], concurrency: number): Promise<number | null> {
  const { batch, batchPerItem } = run.router;
  if (batch) return runBulk(run, records, concurrency, batch, 'batch');
  if (batchPerItem) return runBulk(run, records, concurrency, batchPerItem, 'item');
  return runEach(run, records, concurrency);
}

/** How an event ended: where its first failure is, and which of its records were handled before that. */
interface Ended {
  readonly records: readonly EventRecord[];
  readonly failedAt: number | null;
  readonly handled: readonly EventRecord[];
}

async function responseTo(
  run: Run,
  event: IncomingEvent,
  { records, failedAt, handled }: Ended,
): Promise<HandlerResponse> {
  const answer = failedFrom(records, failedAt);
  if (!isWindowEvent(event)) return answer;
  try {
    const changes = run.router.window === undefined ? [] : handled.map((record) => run.router.route(record).change);
    const state = await nextWindowState(event, changes, run.router.window, run.contextOf(handled));
    return { ...answer, state };
  } catch (error) {
    // The last event of a window has no record that could be named.
    if (records.length === 0) throw error;
    noteFailure(run, records, error);
    return { ...failedFrom(records, 0), state: event.state ?? {} };
  }
}

/** An empty identifier makes Lambda send the whole batch again: for a record that has no sequence number. */
const failedFrom = (records: readonly EventRecord[], failedAt: number | null): HandlerResponse => ({
  batchItemFailures: failedAt === null ? [] : [{ itemIdentifier: records[failedAt]?.dynamodb?.SequenceNumber ?? '' }],
});

function recordsOf(event: IncomingEvent): readonly EventRecord[] {
  if (Array.isArray(event?.Records)) {
    return event.Records.some(isKinesisRecord) ? event.Records.map(changeIn) : event.Records;
  }
  if (redriveIn(event) !== undefined) return [];
  throw new MillraceError(
    'invalid-record',
    `the event must have Records, as that of a DynamoDB or Kinesis stream has, got ${JSON.stringify(event)?.slice(0, 200)}`,
  );
}

const changeIn = (record: EventRecord): EventRecord => (isKinesisRecord(record) ? kinesisChange(record) : record);

function concurrencyOf({ concurrency = 1 }: HandlerOptions): number {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 1000) return concurrency;
  throw new MillraceError(
    'invalid-request',
    `concurrency must be a whole number from 1 to 1000, got ${String(concurrency)}`,
  );
}

/** Only in Lambda, whose log stream turns such lines into metrics; not through `console`, which wraps them in JSON. */
function writeMetrics(run: Run, records: readonly EventRecord[], { metrics }: HandlerOptions, env: NodeJS.ProcessEnv) {
  const functionName = env.AWS_LAMBDA_FUNCTION_NAME;
  const [oldest] = records;
  const isIdle = oldest === undefined && run.tally.redriven === undefined && run.tally.failed === 0;
  if (metrics === false || functionName === undefined || isIdle) return;
  const nowMs = Date.now();
  const dimensions = {
    pipeline: metrics?.pipeline ?? env.MILLRACE_PIPELINE ?? functionName,
    subscription: metrics?.subscription ?? env.MILLRACE_SUBSCRIPTION ?? 'direct',
  };
  run.tally.lagMs = oldest ? Math.max(0, nowMs - (oldest.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000) : 0;
  for (const line of metricLines(run.tally, dimensions, nowMs)) process.stdout.write(`${line}\n`);
}
