import { setTimeout as sleep } from 'node:timers/promises';
import type { WalkRequestInput } from '../../../shared/request.ts';
import { startWalkerProcess, type WalkerEndpoints, type WalkerProcess } from './walker-process.ts';

/** A schedule that ticks one worker's process again as soon as its walk has ended, and has a new one when it is killed. */
export interface WorkerSchedule {
  /** Ends the process with SIGKILL, in the midst of whatever it does; the next is on its way at once. */
  readonly kill: () => Promise<void>;
  /** Ticks no more, and kills what runs. Throws what a walk threw. */
  readonly stop: () => Promise<void>;
  /** How many walks ended by themselves. */
  readonly walks: () => number;
}

export interface ScheduledWorker {
  readonly endpoints: WalkerEndpoints;
  readonly input: WalkRequestInput;
  /** How long the next invocation may take. */
  readonly nextRemainingMs: () => number;
}

const BETWEEN_TICKS_MS = 250;

/** Starts a worker's schedule; its processes end with this one. */
export function scheduleWorker({ endpoints, input, nextRemainingMs }: ScheduledWorker): WorkerSchedule {
  let walker: WalkerProcess = startWalkerProcess(endpoints);
  let isStopped = false;
  let walks = 0;

  const ticking = (async () => {
    while (!isStopped) {
      const ticked = await walker.tick({ input, remainingMs: nextRemainingMs() });
      if (ticked === null && !isStopped) walker = startWalkerProcess(endpoints);
      if (ticked?.ok === false) throw new Error(`${ticked.name}: ${ticked.message}`);
      if (ticked?.ok) walks++;
      // A tick that finds its slot held leaves at once.
      await sleep(BETWEEN_TICKS_MS);
    }
  })();
  ticking.catch(() => {});
  return {
    kill: () => walker.kill(),
    stop: async () => {
      isStopped = true;
      await walker.kill();
      await ticking;
    },
    walks: () => walks,
  };
}
