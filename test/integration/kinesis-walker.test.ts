import { DeleteStreamCommand } from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import { kinesisSource } from '../../shared/aws/kinesis-source.ts';
import { recordFilter } from '../../shared/core/filter.ts';
import { HOUR, MINUTE, SECOND } from '../support/durations.ts';
import { eventsOf } from '../support/integration/walk-runner.ts';
import { walkedStream } from '../support/integration/walked-stream.ts';
import { createStream } from '../support/kinesalite.ts';

const pair = (round: number) => [`item-0: ${round}`, `item-1: ${round}`];

test('a merged shard is read when both of its parents are at their end', async () => {
  const { stream, write, arrived, start } = await walkedStream({}, { shards: 2 });
  await write(0);
  const [left, right] = (await stream.shards()).map((shard) => shard.ShardId!) as [string, string];
  await stream.merge(left, right);
  await write(1);

  const events = await start().until(() => arrived.length === 4);

  expect(arrived.slice(0, 2).toSorted()).toEqual(pair(0));
  expect(arrived.slice(2)).toEqual(pair(1));
  expect(new Set(eventsOf(events, 'shard-finished').map(({ shardId }) => shardId))).toEqual(new Set([left, right]));
}, 60_000);

test('data that is no change stops its own shard only', async () => {
  const { stream, write, arrived, start } = await walkedStream({}, { shards: 4 });
  const { shardId } = await stream.put('item-0', 'hello');
  await write(0);

  const events = await start().until(
    (seen) => arrived.includes('item-1: 0') && eventsOf(seen, 'batch-failed').length > 1,
  );

  expect(arrived).toEqual(['item-1: 0']);
  expect(new Set(eventsOf(events, 'batch-failed').map((event) => event.shardId))).toEqual(new Set([shardId]));
}, 60_000);

test('a resume within a longer retention is no gap, whatever the day', async () => {
  const { write, arrived, start, passes, keepFor } = await walkedStream({ deliver: ['gap'] });
  await keepFor(72);
  await write(0);
  await start().until(() => arrived.length === 2);
  await write(1);
  await passes(70 * HOUR);
  await write(2);

  await start().until(() => arrived.includes('item-1: 2'));

  expect(arrived).toEqual([...pair(0), ...pair(1), ...pair(2)]);
}, 60_000);

test('a quiet stream that is caught up from time to time has no gap, however old its last record is', async () => {
  const { write, arrived, start, passes } = await walkedStream({ deliver: ['gap'] });
  await write(0);
  await start().until(() => arrived.length === 2);
  for (let day = 0; day < 4; day++) {
    await passes(20 * HOUR);
    await start().until((events) => eventsOf(events, 'page-read').some(({ records }) => records === 0));
  }
  await write(1);

  const events = await start().until(() => arrived.length === 4);

  expect(arrived).toEqual([...pair(0), ...pair(1)]);
  expect(eventsOf(events, 'gap')).toEqual([]);
}, 60_000);

test('a quiet stream that is resharded has no gap, however old its last record is', async () => {
  const { stream, write, arrived, start, passes } = await walkedStream({ deliver: ['gap'] });
  await write(0);
  await start().until(() => arrived.length === 2);
  for (let day = 0; day < 2; day++) {
    await passes(20 * HOUR);
    await start().until((events) => eventsOf(events, 'shards-listed').length > 0 && pagesOf(events, 0) > 0);
  }
  await stream.split((await stream.openShards())[0]!.ShardId!);
  await write(1);

  // What was split since the last listing looks quiet, and a walk may leave it to the next.
  const events = await start({}, undefined, { keepAwake: true }).until(() => arrived.length === 4);

  expect(arrived.slice(2).toSorted()).toEqual(pair(1));
  expect(eventsOf(events, 'gap')).toEqual([]);
}, 60_000);

test('a subscription that starts now has what is written from then on, and nothing older', async () => {
  const { write, arrived, start, passes } = await walkedStream({ start: { at: 'latest' } });
  await write(0);
  await passes(2 * MINUTE);
  const walk = start();
  await walk.reaches((events) => eventsOf(events, 'shards-listed').length > 0);
  await write(1);

  await walk.until(() => arrived.length === 2);

  expect(arrived).toEqual(pair(1));
}, 60_000);

test('what is written between the first start and the first listing is not lost', async () => {
  const { write, arrived, start, source } = await walkedStream({ start: { at: 'latest' } });
  const listing = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const listShards: typeof source.listShards = async (...args) => {
    asked.resolve();
    await listing.promise;
    return source.listShards(...args);
  };
  const walk = start({ source: { ...source, listShards } });
  await asked.promise;
  await write(0);
  listing.resolve();

  await walk.until(() => arrived.length === 2);

  expect(arrived).toEqual(pair(0));
}, 60_000);

test('a subscription that starts at a moment has every change since, and reads nothing from long before', async () => {
  const { write, arrived, passes, clock, start } = await walkedStream();
  await write(0);
  await passes(HOUR);
  await write(1);
  const time = new Date(Math.floor(clock.nowMs() / SECOND) * SECOND + SECOND).toISOString();
  await passes(2 * SECOND);
  await write(2);

  const events = await start({}, undefined, { start: { at: 'time', time } }).until(() => arrived.length === 2);

  expect(arrived).toEqual(pair(2));
  expect(eventsOf(events, 'page-read')[0]?.records).toBe(4);
  expect(eventsOf(events, 'records-skipped')).toMatchObject([{ records: 2, reason: 'before-start' }]);
}, 60_000);

test('a stream that is created again is another one: what was lost between the two is a gap', async () => {
  const { stream, write, arrived, start, passes } = await walkedStream({ deliver: ['gap'] });
  await write(0);
  await start().until(() => arrived.length === 2);
  await stream.client.send(new DeleteStreamCommand({ StreamName: stream.streamName }));
  await passes(5 * SECOND);
  await createStream(stream.client, stream.streamName);
  await write(1);

  const events = await start().until(() => arrived.includes('item-1: 1'));

  expect(arrived.slice(2)).toEqual(['gap shard-vanished', 'gap stream-replaced', ...pair(1)]);
  expect(eventsOf(events, 'stream-found')).toMatchObject([{ isReplacement: true }]);
}, 60_000);

test('what nobody can read passes every filter, so that its failure is seen', async () => {
  const { stream, start } = await walkedStream();
  await stream.put('item-0', 'hello');
  const accepts = recordFilter([{ dynamodb: { Keys: { id: { S: ['item-1'] } } } }]);

  await start({ accepts }).until((events) => eventsOf(events, 'batch-failed').length > 0);
}, 60_000);

test('a stream that does not exist is one clear event of a walk that ends as it should', async () => {
  const { stream, start } = await walkedStream();
  await stream.drop();

  const walk = start();
  const summary = await walk.done;

  expect(summary).toMatchObject({ reason: 'no-source', records: 0 });
  expect(eventsOf(walk.events, 'source-missing')).toMatchObject([
    { reason: 'no-stream', message: `there is no Kinesis stream ${stream.streamName}` },
  ]);
}, 60_000);

test('a shard is polled at the share of five reads a second that its readers leave, and a quiet walk leaves', async () => {
  const { write, start, clock, stream } = await walkedStream();
  await write(0);
  const reads: number[] = [];
  const source = kinesisSource({
    client: stream.client,
    streamName: stream.streamName,
    readers: 4,
    nowMs: clock.nowMs,
  });
  const read: typeof source.read = (...args) => {
    reads.push(clock.nowMs());
    return source.read(...args);
  };

  const walk = start({ source: { ...source, read } });
  const summary = await walk.done;

  const between = reads.slice(1).map((atMs, index) => atMs - reads[index]!);
  expect(Math.min(...between)).toBeGreaterThanOrEqual(800);
  expect(summary.reason).toBe('idle');
}, 60_000);

const pagesOf = (events: Parameters<typeof eventsOf>[0], records: number): number =>
  eventsOf(events, 'page-read').filter((page) => page.records === records).length;
