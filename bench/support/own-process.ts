import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Measured } from './rounds.ts';

/** A contender that runs in a process of its own. */
export interface OwnProcess {
  readonly measure: Measured;
  readonly stop: () => void;
}

/**
 * Starts a contender of a module in a process of its own, as it would run in Lambda: in one process, what V8 has learnt of
 * objects from one contender makes another faster or slower by half. The module calls `answerMeasurements`.
 */
export function ownProcess(module: string, contender: string): OwnProcess {
  const child = fork(module, [contender], { execArgv: [] });
  return {
    measure: async () => {
      child.send('measure');
      const [answer] = (await once(child, 'message')) as [number];
      return answer;
    },
    stop: () => child.disconnect(),
  };
}

/** Measures the contender that the process was started for, each time its parent asks. */
export function answerMeasurements(contenders: Readonly<Record<string, Measured>>): void {
  const name = process.argv[2] ?? '';
  const measure = contenders[name];
  if (measure === undefined)
    throw new Error(`a contender must be one of ${Object.keys(contenders).join(', ')}, got ${name}`);
  process.on('message', async () => process.send?.(await measure()));
  process.once('disconnect', () => process.exit(0));
}
