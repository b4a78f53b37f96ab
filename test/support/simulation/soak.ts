import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Figures, NO_FIGURES, plus } from './figures.ts';
import type { SeedRange } from './soak-thread.ts';

export interface SoakOptions {
  readonly first: number;
  readonly seeds: number;
  /** The protection that the walker is to lack. */
  readonly without?: string;
  /** What runs the seeds. @default - the simulation of streams */
  readonly thread?: URL;
  /** Told the figures so far, a few times a second. */
  readonly onProgress?: (figures: Figures) => void;
  /** Ends the soak early. */
  readonly stop?: AbortSignal;
}

/** Few enough to be stopped and to show progress within half a second, enough to keep a thread busy. */
const RANGE = 20;

/** Runs many seeds on all cores. */
export async function soak({ first, seeds, without, thread: url, onProgress, stop }: SoakOptions): Promise<Figures> {
  const end = first + seeds;
  let next = first;
  let figures = NO_FIGURES;
  const takeRange = (): SeedRange | null => {
    if (next >= end || stop?.aborted) return null;
    const count = Math.min(RANGE, end - next);
    const range = { first: next, count, ...(without !== undefined && { without }) };
    next += range.count;
    return range;
  };

  const runThread = async (): Promise<void> => {
    const thread = new Worker(url ?? new URL('./soak-thread.ts', import.meta.url), { execArgv: [] });
    const stopped = new Promise<null>((resolve) =>
      stop?.addEventListener('abort', () => resolve(null), { once: true }),
    );
    const failed = new Promise<never>((_, reject) => thread.once('error', reject));
    try {
      for (let range = takeRange(); range; range = takeRange()) {
        const done = new Promise<Figures>((resolve) => thread.once('message', resolve));
        thread.postMessage(range);
        const more = await Promise.race([done, stopped, failed]);
        if (more === null) return;
        figures = plus(figures, more);
        onProgress?.(figures);
      }
    } finally {
      await thread.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), Math.ceil(seeds / RANGE)) }, runThread));
  return { ...figures, broken: figures.broken.toSorted((a, b) => a.seed - b.seed) };
}
