import type { Batch, Clock, Sink } from '../core/ports.ts';
import type { ChangeEvent } from '../core/record.ts';

/** What a simulated function knows of its invocation. */
export interface SimulatedInvocation {
  readonly batch: Batch;
  /** When the function is stopped, epoch milliseconds. */
  readonly deadlineMs: number;
  /** Aborted when the function is stopped at its timeout: from then on it must do nothing more. */
  readonly signal: AbortSignal;
}

/** A Lambda function's body, on simulated time. */
export type SimulatedHandler = (event: ChangeEvent, invocation: SimulatedInvocation) => Promise<unknown>;

export interface SimulatedSinkOptions {
  readonly clock: Pick<Clock, 'nowMs' | 'sleep'>;
  readonly handler: SimulatedHandler;
  /** The function's timeout: it is stopped then. */
  readonly timeoutMs: number;
}

/** Invokes a function as Lambda does: with the event read from its text, and no longer than the function's timeout. */
export function simulatedSink(options: SimulatedSinkOptions): Sink {
  const { clock, handler, timeoutMs } = options;
  return {
    deliver: async (batch) => {
      const stopped = new AbortController();
      const ended = new AbortController();
      const event = JSON.parse(batch.payload) as ChangeEvent;
      const invocation = { batch, deadlineMs: clock.nowMs() + timeoutMs, signal: stopped.signal };
      const run = (async () => handler(event, invocation))().then(
        (response) => ({ kind: 'answered', response: response === undefined ? null : response }) as const,
        (error: unknown) => ({ kind: 'failed', message: String(error) }) as const,
      );
      const timeout = clock
        .sleep(timeoutMs, ended.signal)
        .then(() => ({ kind: 'failed', message: `Task timed out after ${timeoutMs / 1000} seconds` }) as const);
      const delivery = await Promise.race([run, timeout]);
      ended.abort('ended');
      stopped.abort('stopped');
      return delivery;
    },
  };
}
