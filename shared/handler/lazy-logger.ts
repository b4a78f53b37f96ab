import { Logger } from '@aws-lambda-powertools/logger';
import type { InvocationContext } from './context.ts';

/** A handler's logger. */
export interface LazyLogger {
  /** The user's own, or one that is made when it is asked for first. */
  readonly get: () => Logger;
  /** One whose every line carries these keys, too. */
  readonly child: (persistentKeys: { readonly [name: string]: unknown }) => Logger;
  /** An invocation begins: what is logged from now on carries its context. */
  readonly begin: (context: InvocationContext | undefined) => void;
}

/** A logger that is not made before something is to be logged: most invocations log nothing, and a cold start is shorter. */
export function lazyLogger(given: Logger | undefined): LazyLogger {
  let logger = given;
  let context: InvocationContext | undefined;
  let invocations = 0;

  const addContext = (to: Logger): Logger => {
    if (context?.awsRequestId) to.addContext(context as Parameters<Logger['addContext']>[0]);
    return to;
  };
  /** The first context that a logger is given counts as that of the cold start; made later, it is given another. */
  const notCold = (made: Logger): Logger => (invocations > 1 ? addContext(made) : made);
  const get = (): Logger => {
    logger ??= notCold(addContext(new Logger()));
    return logger;
  };
  return {
    get,
    child: (persistentKeys) => notCold(get().createChild({ persistentKeys })),
    begin: (next) => {
      context = next;
      invocations++;
      if (logger !== undefined) addContext(logger);
    },
  };
}
