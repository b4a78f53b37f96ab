import type { Logger } from '@aws-lambda-powertools/logger';
import type { CallEnd } from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import { timeShares } from '../core/time-shares.ts';
import type { ChangeContext } from './functions.ts';
import { identityOf } from './identity.ts';

/** What a handler uses of Lambda's context; all of it may be missing where the handler runs elsewhere. */
export interface InvocationContext {
  readonly awsRequestId?: string;
  readonly functionName?: string;
  readonly functionVersion?: string;
  readonly invokedFunctionArn?: string;
  readonly memoryLimitInMB?: string;
  readonly getRemainingTimeInMillis?: () => number;
}

/** A context while it is made: what it is about, and what ends it. */
interface Making {
  readonly records: readonly EventRecord[];
  readonly end: CallEnd | undefined;
}

/**
 * Makes the contexts of one invocation's changes. Logger and signal are made when they are asked for, so that a change
 * whose function uses neither pays nothing.
 */
export function contextMaker(logger: Logger, invocation: InvocationContext | undefined) {
  const remainingMs = () => invocation?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  const { reserveMs } = timeShares(remainingMs(), 1);
  let ofInvocation: AbortSignal | undefined;
  const invocationSignal = (): AbortSignal => {
    ofInvocation ??= signalAfter(remainingMs() - reserveMs);
    return ofInvocation;
  };
  const common = { remainingMs };
  lazy(common, 'logger', ({ records }) => logger.createChild({ persistentKeys: persistentKeys(records) }));
  lazy(common, 'signal', ({ end }) => end?.signal ?? invocationSignal());
  return (records: readonly EventRecord[], end?: CallEnd): ChangeContext =>
    Object.assign(Object.create(common), { records, end });
}

/** A property that is made when it is read first. */
function lazy(of: object, name: keyof ChangeContext, make: (context: Making) => unknown): void {
  Object.defineProperty(of, name, {
    get(this: Making) {
      const value = make(this);
      Object.defineProperty(this, name, { value });
      return value;
    },
  });
}

/** A timer holds 31 bits, and keeps no process alive. */
const signalAfter = (ms: number): AbortSignal =>
  ms > 2 ** 31 - 1 ? new AbortController().signal : AbortSignal.timeout(Math.max(0, Math.floor(ms)));

function persistentKeys(records: readonly EventRecord[]) {
  const [first] = records;
  if (first === undefined) return {};
  return records.length === 1 ? { change: identityOf(first) } : { changes: records.length, first: identityOf(first) };
}
