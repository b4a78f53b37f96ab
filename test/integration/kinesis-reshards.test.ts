import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { dynamodbState } from '../../shared/aws/dynamodb-state.ts';
import { kinesisSource } from '../../shared/aws/kinesis-source.ts';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { writeFeed } from '../support/integration/feed-writes.ts';
import { changesIn } from '../support/integration/kinesis-events.ts';
import { lambdaEndpoint } from '../support/integration/lambda-endpoint.ts';
import { watchPositions } from '../support/integration/position-watch.ts';
import { UNSTEADY_TIMEOUT_MS, unsteadyFunction } from '../support/integration/unsteady-function.ts';
import { createStateTable, requestInput, until } from '../support/integration/walk-runner.ts';
import { scheduleWorker } from '../support/integration/worker-schedule.ts';
import { aStream, type TestStream } from '../support/kinesalite.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:orders';
const WORKERS = 2;
const ITEMS = 60;
const EARLY_ROUNDS = 12;
const LATE_ROUNDS = 40;
const ROUNDS = EARLY_ROUNDS + LATE_ROUNDS;
const RESHARDS = 8;
const KILLS = 8;

test('walkers that are killed while shards split and merge lose no change and keep the order of each item', async () => {
  const seed = Date.now() % 1_000_000;
  const random = simulatedRandom(seed);
  const engine = await sharedDynamoDbLocal();
  const stream = await aStream(2);
  const stateTable = await createStateTable(engine);
  const called = unsteadyFunction(random.fork());
  const handler = (event: Parameters<typeof called.handler>[0]) => called.handler(changesIn(event));
  const lambda = await lambdaEndpoint({ [FUNCTION_ARN]: { handler, timeoutMs: UNSTEADY_TIMEOUT_MS } });
  await writeFeed(stream, { items: ITEMS, fromRound: 0, rounds: EARLY_ROUNDS / 2 });
  await reshard(stream, 'split');
  await reshard(stream, 'merge');
  await writeFeed(stream, { items: ITEMS, fromRound: EARLY_ROUNDS / 2, rounds: EARLY_ROUNDS / 2 });

  const source = kinesisSource({ client: stream.client, streamName: stream.streamName, readers: 1, nowMs: Date.now });
  const current = await source.current();
  if (current.kind !== 'stream') throw new Error(current.message);
  const key = { subscription: 'orders', generation: 1, stream: current.stream };
  const watch = watchPositions(dynamodbState({ client: engine.dynamodb, tableName: stateTable }), key, 50);
  const workers = Array.from({ length: WORKERS }, (_, worker) =>
    scheduleWorker({
      endpoints: { dynamodb: engine.endpoint, lambda: lambda.endpoint, kinesis: stream.endpoint },
      nextRemainingMs: () => random.whole(8_000, 14_000),
      input: requestInput(stateTable, '', {
        source: { kind: 'kinesis', streamName: stream.streamName, region: 'us-east-1' },
        handler: { functionArn: FUNCTION_ARN, timeoutMs: UNSTEADY_TIMEOUT_MS },
        ...{ worker, workers: WORKERS, batchSize: 40, leaseDurationMs: 1_000, deliveryMarginMs: 1_000 },
      }),
    }),
  );
  onTestFinished(() => Promise.all(workers.map((worker) => worker.stop())).then(() => {}));
  const pause = () => sleep(random.whole(100, 500));
  const writing = writeFeed(stream, { items: ITEMS, fromRound: EARLY_ROUNDS, rounds: LATE_ROUNDS, pause });
  const resharding = (async () => {
    for (let n = 0; n < RESHARDS; n++) {
      await sleep(random.whole(500, 2_500));
      await reshard(stream, n % 2 === 0 ? 'split' : 'merge', random.whole(0, 100));
    }
  })();
  for (let n = 0; n < KILLS; n++) {
    await sleep(random.whole(500, 2_000));
    if (n % 2 > 0) await called.longDelivery(1_000);
    await workers[random.whole(0, WORKERS - 1)]?.kill();
  }
  await Promise.all([writing, resharding]);
  const { ledger } = called;
  await until(
    () => ledger.changes() >= ITEMS * ROUNDS,
    () => `seed ${seed}: ${ledger.changes()} changes had arrived`,
    60_000,
    ledger.changes,
  );
  const finished = async () => (await stream.shards()).length - (await stream.openShards()).length;
  const rows = () => dynamodbState({ client: engine.dynamodb, tableName: stateTable }).leases(key);
  await until(
    async () => (await rows()).filter(({ position }) => position.at === 'shard-end').length === (await finished()),
    () => `seed ${seed}: not all closed shards were finished`,
  );
  await watch.stop();

  expect(ledger.missing(ITEMS, ROUNDS), `seed ${seed}`).toEqual([]);
  expect(ledger.outOfOrder, `seed ${seed}`).toEqual([]);
  expect(ledger.overlaps, `seed ${seed}`).toEqual([]);
  expect(watch.backwards, `seed ${seed}`).toEqual([]);
  const merged = (await rows()).filter(({ parents }) => parents.length === 2);
  expect(merged.length, `seed ${seed}`).toBeGreaterThanOrEqual(RESHARDS / 2);
  expect((await rows()).length).toBe((await stream.shards()).length);
}, 180_000);

/** Splits one open shard, or merges two that are neighbours. */
async function reshard(stream: TestStream, how: 'split' | 'merge', choice = 0): Promise<void> {
  const open = (await stream.openShards()).toSorted((one, other) =>
    BigInt(one.HashKeyRange?.StartingHashKey ?? 0) < BigInt(other.HashKeyRange?.StartingHashKey ?? 0) ? -1 : 1,
  );
  const at = choice % (how === 'split' ? open.length : open.length - 1);
  const [one = '', other = ''] = [open[at]?.ShardId, open[at + 1]?.ShardId];
  await (how === 'split' ? stream.split(one) : stream.merge(one, other));
}
