import { parentPort } from 'node:worker_threads';
import { walk } from '../../../shared/walker.ts';
import { type Figures, NO_FIGURES, plus } from '../simulation/figures.ts';
import type { SeedRange } from '../simulation/soak-thread.ts';
import { bootstrapSabotageOf } from './sabotage.ts';
import { simulateBootstrap } from './simulation.ts';

/** What a thread of a bootstraps' soak does: runs the ranges that it is sent, and answers each with its figures. */
parentPort?.on('message', async ({ first, count, without }: SeedRange) => {
  const options = without === undefined ? { walk } : { walk, sabotage: bootstrapSabotageOf(without) };
  let figures: Figures = NO_FIGURES;
  for (let seed = first; seed < first + count; seed++) figures = plus(figures, await simulateBootstrap(seed, options));
  parentPort?.postMessage(figures);
});
