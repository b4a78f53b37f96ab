import type { Logger } from '@aws-lambda-powertools/logger';
import type { CallEnd } from '../core/parking.ts';
import type { EventRecord } from '../core/record.ts';
import { timeShares } from '../core/time-shares.ts';
import type { ChangeContext } from './functions.ts';
import { identityOf } from './identity.ts';
import type { LazyLogger } from './lazy-logger.ts';

/** What a handler uses of Lambda's context; all of it may be missing where the handler runs elsewhere. */
export interface InvocationContext {
  readonly awsRequestId?: string;
  readonly functionName?: string;
  readonly functionVersion?: string;
  readonly invokedFunctionArn?: string;
  readonly memoryLimitInMB?: string;
  readonly getRemainingTimeInMillis?: () => number;
}

/** What the contexts of one invocation's changes have in common. */
class Invocation {
  readonly childLogger: LazyLogger['child'];
  readonly remainingMs: () => number;
  readonly #reserveMs: number;
  #signal: AbortSignal | undefined;

  constructor(childLogger: LazyLogger['child'], lambda: InvocationContext | undefined) {
    this.childLogger = childLogger;
    this.remainingMs = () => lambda?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    this.#reserveMs = timeShares(this.remainingMs(), 1).reserveMs;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalAfter(this.remainingMs() - this.#reserveMs);
    return this.#signal;
  }
}

/** Logger and signal are made when they are asked for, so that a change whose function uses neither pays nothing. */
class Context implements ChangeContext {
  readonly remainingMs: () => number;
  readonly #invocation: Invocation;
  readonly #about: EventRecord | readonly EventRecord[];
  readonly #end: CallEnd | undefined;
  #logger: Logger | undefined;

  constructor(invocation: Invocation, about: EventRecord | readonly EventRecord[], end: CallEnd | undefined) {
    this.remainingMs = invocation.remainingMs;
    this.#invocation = invocation;
    this.#about = about;
    this.#end = end;
  }

  get logger(): Logger {
    this.#logger ??= this.#invocation.childLogger(persistentKeys([this.#about].flat()));
    return this.#logger;
  }

  get signal(): AbortSignal {
    return this.#end?.signal ?? this.#invocation.signal;
  }
}

/** Makes the contexts of one invocation: of one change, or of several. */
export function contextMaker(childLogger: LazyLogger['child'], lambda: InvocationContext | undefined) {
  const invocation = new Invocation(childLogger, lambda);
  return (about: EventRecord | readonly EventRecord[], end?: CallEnd): ChangeContext =>
    new Context(invocation, about, end);
}

/** A timer holds 31 bits, and keeps no process alive. */
const signalAfter = (ms: number): AbortSignal =>
  ms > 2 ** 31 - 1 ? new AbortController().signal : AbortSignal.timeout(Math.max(0, Math.floor(ms)));

function persistentKeys(records: readonly EventRecord[]) {
  const [first] = records;
  if (first === undefined) return {};
  return records.length === 1 ? { change: identityOf(first) } : { changes: records.length, first: identityOf(first) };
}
