import type { Logger } from '@aws-lambda-powertools/logger';
import type { CallEnd, ParkingGuard } from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import type { ChangeContext } from './functions.ts';
import { identityOf } from './identity.ts';
import type { Tally } from './metrics.ts';
import type { Router } from './route.ts';
import { logThrown } from './thrown.ts';

/** What the parts of one invocation share. */
export interface Run {
  readonly router: Router;
  readonly tally: Tally;
  /** Made when something is to be logged. */
  readonly logger: () => Logger;
  /** Without an end of its own, a call ends with the invocation. */
  readonly contextOf: (about: EventRecord | readonly EventRecord[], end?: CallEnd) => ChangeContext;
  /** Whether the user's own logger is to carry the change's identity while its function runs. */
  readonly marksLogger: boolean;
  /** Stands between a failing change and the batch; `null` without parking. */
  readonly guard: ParkingGuard | null;
}

/** Lambda does not see a failure that a partial response reports as an error: it is written down here, once. */
export function noteFailure(run: Run, records: readonly EventRecord[], error: unknown): void {
  const [first] = records;
  run.tally.failed += 1;
  const text = records.length > 1 ? `a batch of ${records.length} changes failed` : 'a change failed';
  logThrown(run.logger(), text, { ...(first && { change: identityOf(first) }), error });
}

export function noteHandled(run: Run, kind: string): void {
  run.tally.handled.set(kind, (run.tally.handled.get(kind) ?? 0) + 1);
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
