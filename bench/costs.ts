/** List prices of us-east-1 in US dollars, of 2026, before any free tier. */
export const PRICES = {
  lambdaRequest: 0.2 / 1e6,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  /** A GetRecords call to DynamoDB Streams from anything but Lambda's own mappings. */
  streamsRead: 0.02 / 1e5,
  /** An on-demand write of up to a kilobyte. */
  stateWrite: 0.625 / 1e6,
  /** An on-demand, strongly consistent read of up to four kilobytes. */
  stateRead: 0.125 / 1e6,
  /** EventBridge Scheduler: a tick. */
  tick: 1 / 1e6,
  /** Linux on arm64. */
  fargateVcpuHour: 0.03238,
  fargateGbHour: 0.00356,
} as const;

const HOURS = 730;
const SECONDS = HOURS * 3600;

/** What is assumed of a table's traffic and its handler, and what `npm run bench` has measured of the walker. */
export const ASSUMED = {
  /** Changes a second that one shard carries; an on-demand table has four shards to begin with. */
  changesPerShardSecond: 500,
  fewestShards: 4,
  batchSize: 100,
  pollSeconds: 0.25,
  handlerGb: 0.5,
  /** A handler's time: for each batch, and for each change in it. */
  batchSeconds: 0.01,
  changeSeconds: 0.0004,
  walkerGb: 1,
  /** A function with a gigabyte has this part of a processor. */
  walkerVcpu: 1024 / 1769,
  /** The walker's processor time for a change: both images of 1 KB, batches of 100. */
  walkerSecondsPerChange: 0.00005,
  /** How busy a worker may be. */
  mostBusy: 0.6,
  /** While records come, a lease is stored about every three seconds. */
  secondsPerStateWrite: 3,
  /** A walk that finds every shard idle: a tick a minute, so many reads and writes of the state, and more for each shard. */
  idleSeconds: 1,
  idleReads: 8,
  idleWrites: 4,
  idleWritesOfShard: 2,
  /** KCL's own defaults: a read a second, a checkpoint for each page, a renewal every three seconds. */
  kclReadSeconds: 1,
  kclRenewalSeconds: 3,
  /** Two tasks, so that one may fail; each of one vCPU and two gigabytes, for so many changes a second. */
  fewestTasks: 2,
  taskVcpu: 1,
  taskGb: 2,
  changesPerTaskSecond: 10_000,
} as const;

/** What a month costs, in US dollars. */
export interface MonthlyCost {
  readonly changes: number;
  readonly shards: number;
  /** The event source mapping: it reads for nothing, so this is the handler. */
  readonly mapping: number;
  readonly walker: number;
  /** The walker's cost without the handler's. */
  readonly walkerAlone: number;
  readonly workers: number;
  /** The handler's code runs inside the worker. */
  readonly kcl: number;
  readonly tasks: number;
}

/** The monthly cost of so many changes of 1 KB, spread evenly over the month; of none, that of an idle table. */
export function monthlyCost(changes: number): MonthlyCost {
  const rate = changes / SECONDS;
  const shards = Math.max(ASSUMED.fewestShards, Math.ceil(rate / ASSUMED.changesPerShardSecond));
  const ofShards = (seconds: number): number => (shards * SECONDS) / seconds;
  const inABatch = Math.min(ASSUMED.batchSize, Math.max(1, (rate / shards) * ASSUMED.pollSeconds));
  const batches = changes / inABatch;
  const handlerSeconds = batches * ASSUMED.batchSeconds + changes * ASSUMED.changeSeconds;
  const mapping = batches * PRICES.lambdaRequest + handlerSeconds * ASSUMED.handlerGb * PRICES.lambdaGbSecond;

  const idleWrites = ASSUMED.idleWrites + shards * ASSUMED.idleWritesOfShard;
  const idleTick =
    PRICES.tick +
    PRICES.lambdaRequest +
    ASSUMED.idleSeconds * ASSUMED.walkerGb * PRICES.lambdaGbSecond +
    shards * PRICES.streamsRead +
    ASSUMED.idleReads * PRICES.stateRead +
    idleWrites * PRICES.stateWrite;

  const mostOfAWorker = ASSUMED.mostBusy * ASSUMED.walkerVcpu;
  const workers = Math.max(1, Math.ceil((rate * ASSUMED.walkerSecondsPerChange) / mostOfAWorker));
  const awake =
    workers * SECONDS * ASSUMED.walkerGb * PRICES.lambdaGbSecond +
    ofShards(ASSUMED.pollSeconds) * PRICES.streamsRead +
    Math.min(changes, ofShards(ASSUMED.secondsPerStateWrite)) * PRICES.stateWrite;
  const walkerAlone = changes === 0 ? (SECONDS / 60) * idleTick : awake;

  const tasks = Math.max(ASSUMED.fewestTasks, Math.ceil(rate / ASSUMED.changesPerTaskSecond));
  const kcl =
    tasks * HOURS * (ASSUMED.taskVcpu * PRICES.fargateVcpuHour + ASSUMED.taskGb * PRICES.fargateGbHour) +
    ofShards(ASSUMED.kclReadSeconds) * PRICES.streamsRead +
    (Math.min(changes, ofShards(ASSUMED.kclReadSeconds)) + ofShards(ASSUMED.kclRenewalSeconds)) * PRICES.stateWrite;
  return { changes, shards, mapping, walker: mapping + walkerAlone, walkerAlone, workers, kcl, tasks };
}

const dollars = (amount: number): string =>
  `$${amount.toLocaleString('en', amount < 100 ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { maximumFractionDigits: 0 })}`;

/** The rows of the page's table. */
export function costTable(): string {
  const named = { none: 0, '1 M': 1e6, '1 G': 1e9, '100 G': 1e11 };
  return [
    '| changes a month | shards | event source mapping | shard walker | of that, the walker itself | KCL on Fargate |',
    '| --- | --- | --- | --- | --- | --- |',
    ...Object.entries(named).map(([name, changes]) => {
      const cost = monthlyCost(changes);
      const cells = [
        name,
        cost.shards,
        dollars(cost.mapping),
        dollars(cost.walker),
        `${dollars(cost.walkerAlone)} (${cost.workers} workers)`.replace('(1 workers)', '(1 worker)'),
        `${dollars(cost.kcl)} (${cost.tasks} tasks)`,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}
