import type { Sink } from './core/ports.ts';
import type { ChangeEvent } from './core/record.ts';

/**
 * Delivers to a function of this process, which sees what Lambda would hand to it: the event parsed from its text. What
 * it returns goes through JSON, too, as on the way back from Lambda.
 */
export function inProcessSink(handler: (event: ChangeEvent) => unknown): Sink {
  return {
    deliver: async (batch) => {
      try {
        const event = JSON.parse(batch.payload) as ChangeEvent;
        const response = JSON.stringify((await handler(event)) ?? null);
        return { kind: 'answered', response: JSON.parse(response) as unknown };
      } catch (error) {
        return { kind: 'failed', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
      }
    },
  };
}
