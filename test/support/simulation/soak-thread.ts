import { parentPort } from 'node:worker_threads';
import { walk } from '../../../shared/walker.ts';
import { type Figures, NO_FIGURES, plus } from './figures.ts';
import { sabotageOf } from './sabotage.ts';
import { simulate } from './simulation.ts';

/** Some seeds for a thread: `count` of them from `first` on. */
export interface SeedRange {
  readonly first: number;
  readonly count: number;
  /** The protection that the walker is to lack. */
  readonly without?: string;
}

/** What a thread of a soak does: runs the ranges that it is sent, and answers each with its figures. */
parentPort?.on('message', async ({ first, count, without }: SeedRange) => {
  const options = without === undefined ? { walk } : { walk, sabotage: sabotageOf(without) };
  let figures: Figures = NO_FIGURES;
  for (let seed = first; seed < first + count; seed++) figures = plus(figures, await simulate(seed, options));
  parentPort?.postMessage(figures);
});
