import { backlog } from './backlog.ts';
import { coldStart } from './cold-start.ts';
import { handlerCpu } from './handler.ts';
import { idle } from './idle.ts';
import { lanes } from './lanes.ts';
import { latency } from './latency.ts';
import { overlap } from './overlap.ts';
import { shards } from './shards.ts';
import type { Benchmark } from './support/row.ts';
import { walkerCpu } from './walker-cpu.ts';

/** All benchmarks, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  { name: 'walker-cpu', title: "the walker's processor time for records", run: walkerCpu },
  { name: 'backlog', title: 'a backlog of 200,000 records on DynamoDB Local', run: backlog },
  { name: 'shards', title: 'many shards, on the simulated stream', run: ({ isLong }) => shards(isLong ? 24 : 1) },
  { name: 'overlap', title: 'reading while a slow handler works', run: overlap },
  { name: 'lanes', title: 'ten lanes of one shard', run: lanes },
  { name: 'handler', title: "a handler's processor time for changes", run: handlerCpu },
  { name: 'cold-start', title: 'what a function does before its first event', run: coldStart },
  { name: 'latency', title: 'from a write to the handler on DynamoDB Local', run: latency },
  { name: 'idle', title: 'what idle and busy shards cost, on the simulated clock', run: idle },
];
