import type { Logger } from '@aws-lambda-powertools/logger';
import type { EventRecord } from '../core/record.ts';
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

/**
 * Makes the contexts of one invocation's changes. The logger in them is made when it is asked for, so that a change
 * whose function logs nothing pays nothing.
 */
export function contextMaker(logger: Logger, invocation: InvocationContext | undefined) {
  const remainingMs = () => invocation?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  const common = {
    remainingMs,
    get logger(): Logger {
      const { records } = this as unknown as { readonly records: readonly EventRecord[] };
      const made = logger.createChild({ persistentKeys: persistentKeys(records) });
      Object.defineProperty(this, 'logger', { value: made });
      return made;
    },
  };
  return (records: readonly EventRecord[]): ChangeContext => {
    const context: ChangeContext & { records: readonly EventRecord[] } = Object.create(common);
    context.records = records;
    return context;
  };
}

function persistentKeys(records: readonly EventRecord[]) {
  const [first] = records;
  if (first === undefined) return {};
  return records.length === 1 ? { change: identityOf(first) } : { changes: records.length, first: identityOf(first) };
}
