import { itemOf } from '../core/change.ts';
import type { CallEnd } from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import { identityOf } from './identity.ts';
import { runInOrder } from './in-order.ts';
import { isThenable, noteFailure, noteHandled, type Run } from './run.ts';

/** Runs every record's own function; resolves with the place of the first that is not settled, or `null`. */
export async function runEach(run: Run, records: readonly EventRecord[], concurrency: number): Promise<number | null> {
  if (concurrency > 1) {
    const units = records.map((record, index) => ({ index, item: itemOf(record), record }));
    return runInOrder(units, concurrency, async ({ index, record }) => ((await settles(run, record)) ? null : index));
  }
  for (const [index, record] of records.entries()) {
    const settled = settles(run, record);
    if (!(typeof settled === 'boolean' ? settled : await settled)) return index;
  }
  return null;
}

/** Answers at once where the function does: a promise for each of a thousand records would cost more than they do. */
function settles(run: Run, record: EventRecord): boolean | Promise<boolean> {
  const failed = (error: unknown): boolean => {
    noteFailure(run, [record], error);
    return false;
  };
  try {
    const result =
      run.guard === null ? handle(run, record) : run.guard.settle(record, (end) => handle(run, record, end));
    return isThenable(result) ? Promise.resolve(result).then(() => true, failed) : true;
  } catch (error) {
    return failed(error);
  }
}

/** Calls a record's own function: the change has failed when this throws or rejects. */
export function handle(run: Run, record: EventRecord, end?: CallEnd): unknown {
  const { change, handle, isUnmatched } = run.router.route(record);
  if (isUnmatched) run.tally.unmatched.push(record);
  if (handle === undefined) return noteHandled(run, change.kind);
  if (run.marksLogger) run.logger().appendKeys({ change: identityOf(record) });
  const result = handle(change, run.contextOf(record, end));
  if (isThenable(result)) return Promise.resolve(result).then(() => noteHandled(run, change.kind));
  return noteHandled(run, change.kind);
}
