import { figureOf, quantile } from './support/figure.ts';
import { published, type Row } from './support/row.ts';
import { HOUR, MINUTE, SECOND, shardWalks } from './support/shard-walks.ts';

const HOURS = 6;
const WRITES = 200;
/** A read each 250 ms. */
const LAMBDA_READS_AN_HOUR = (HOUR / SECOND) * 4;
const BATCH_SIZE = 100;

/** What an idle shard costs, how late its next change is, and what a busy one writes: on the simulator's clock. */
export async function idle(): Promise<readonly Row[]> {
  return [
    await reads('GetRecords calls of an idle shard an hour', {}, 900),
    await reads('GetRecords calls of an idle shard an hour, keepAwake', { keepAwake: true }, 2_000),
    await readsBesideBusy(),
    await lag('a change after idleness, p99 (the next tick)', {}, MINUTE),
    await lag('a change after idleness, p99, keepAwake', { keepAwake: true }, 3 * SECOND),
    await turns(),
    await saturated(),
  ];
}

async function reads(what: string, request: object, atMost: number): Promise<Row> {
  const { clock, counts, start, stop } = shardWalks({ shards: 1, request });
  start();
  await clock.advanceBy(HOUR);
  const hours: number[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const before = counts.pages;
    await clock.advanceBy(HOUR);
    hours.push(counts.pages - before);
  }
  await stop();
  return readsRow(what, hours, atMost);
}

/** One of two shards always has a change: walks go on, and the other is read with it. */
async function readsBesideBusy(): Promise<Row> {
  const { clock, stream, pagesOf, start, stop } = shardWalks({ shards: 2 });
  const busy = (): void => {
    stream.write('order-1');
    clock.after(10 * SECOND, busy);
  };
  busy();
  start();
  await clock.advanceBy(HOUR);
  const hours: number[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const before = new Map(pagesOf);
    await clock.advanceBy(HOUR);
    hours.push(Math.min(...stream.openShards().map(({ shardId }) => pagesOf.get(shardId)! - before.get(shardId)!)));
  }
  await stop();
  return readsRow('GetRecords calls of an idle shard an hour, beside a busy one', hours, 900);
}

function readsRow(what: string, hours: readonly number[], atMost: number): Row {
  return {
    what,
    unit: 'reads',
    ours: figureOf(hours),
    comparison: { name: 'a read each 250 ms', theirs: published(LAMBDA_READS_AN_HOUR) },
    ratio: { figure: figureOf(hours.map((hour) => LAMBDA_READS_AN_HOUR / hour)), meaning: 'x less' },
    target: { of: 'ours', bound: 'at-most', value: atMost },
  };
}

/** The simulated schedule is never late: add up to a minute of EventBridge Scheduler's. */
async function lag(what: string, request: object, atMost: number): Promise<Row> {
  const { clock, random, stream, arrivals, start, stop } = shardWalks({ shards: 1, request });
  start();
  await clock.advanceBy(10 * MINUTE);
  const lags: number[] = [];
  for (let write = 0; write < WRITES; write++) {
    await clock.advanceBy(random.whole(5 * MINUTE, 7 * MINUTE));
    const record = stream.write(`order-${write}`);
    await clock.advanceBy(3 * MINUTE);
    lags.push((arrivals.get(record?.sequenceNumber ?? '') ?? Number.POSITIVE_INFINITY) - (record?.writtenAtMs ?? 0));
  }
  await stop();
  return {
    what: `write to handler, simulated: ${what}`,
    unit: 'ms',
    ours: published(quantile(lags, 0.99)),
    comparison: null,
    ratio: null,
    target: { of: 'ours', bound: 'at-most', value: atMost },
  };
}

/** A new on-demand table: four shards, and a write every five seconds to whichever of them its item is in. */
async function turns(): Promise<Row> {
  const { clock, random, stream, arrivals, start, stop } = shardWalks({ shards: 4 });
  start();
  await clock.advanceBy(10 * MINUTE);
  const written: { readonly sequenceNumber: string; readonly writtenAtMs: number }[] = [];
  for (let write = 0; write < 10 * WRITES; write++) {
    const record = stream.write(`order-${random.whole(0, 1_000)}-${write}`);
    if (record) written.push(record);
    await clock.advanceBy(5 * SECOND);
  }
  await clock.advanceBy(2 * MINUTE);
  const lags = written.map(
    ({ sequenceNumber, writtenAtMs }) => (arrivals.get(sequenceNumber) ?? Number.POSITIVE_INFINITY) - writtenAtMs,
  );
  await stop();
  return {
    what: 'write to handler, simulated: four shards that take turns, a write every 5 s, p99',
    unit: 'ms',
    ours: published(quantile(lags, 0.99)),
    comparison: null,
    ratio: null,
    target: { of: 'ours', bound: 'at-most', value: SECOND },
  };
}

/** A handler that is always busy: 50 ms a batch of 100. */
async function saturated(): Promise<Row> {
  const { clock, stream, counts, start, stop } = shardWalks({
    shards: 1,
    handlerMs: 50,
    request: { batchSize: BATCH_SIZE },
  });
  const writing = (): void => {
    for (let write = 0; write < 1_000; write++) stream.write(`order-${write}`);
  };
  for (let page = 0; page < 200; page++) writing();
  start();
  await clock.advanceBy(10 * SECOND);
  const minutes: number[] = [];
  for (let round = 0; round < 5; round++) {
    const before = { ...counts };
    await clock.advanceBy(15 * SECOND);
    minutes.push(((counts.stateWrites - before.stateWrites) * 1_000) / (counts.records - before.records));
  }
  await stop();
  return {
    what: 'state writes per 1,000 records at saturation (2,000 a second, one shard)',
    unit: 'writes',
    ours: figureOf(minutes),
    comparison: { name: 'a checkpoint for each batch of 100', theirs: published(1_000 / BATCH_SIZE) },
    ratio: { figure: figureOf(minutes.map((writes) => 1_000 / BATCH_SIZE / writes)), meaning: 'x less' },
    target: { of: 'ours', bound: 'at-most', value: 1 },
  };
}
