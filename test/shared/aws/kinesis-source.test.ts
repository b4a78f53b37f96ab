import { DeleteStreamCommand, IncreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis';
import { expect, test, vi } from 'vitest';
import { kinesisSource } from '../../../shared/aws/kinesis-source.ts';
import type { Page, Source, StreamIdentity } from '../../../shared/core/ports.ts';
import { afterSequenceNumber, atSequenceNumber, type Position, trimHorizon } from '../../../shared/core/position.ts';
import { compareSequenceNumbers } from '../../../shared/core/sequence-number.ts';
import { insertOf } from '../../../shared/testing/index.ts';
import { aStream, createStream, feedOf, type TestStream } from '../../support/kinesalite.ts';

const HOUR = 3_600_000;

async function aSource(stream: TestStream, nowMs = Date.now) {
  const source = kinesisSource({
    client: stream.client,
    streamName: stream.streamName,
    readers: 1,
    nowMs: () => nowMs(),
  });
  return { source, stream: await streamOf(source) };
}

async function streamOf(source: Source): Promise<StreamIdentity> {
  const current = await source.current();
  if (current.kind !== 'stream') throw new Error(current.message);
  return current.stream;
}

async function opened(source: Source, stream: StreamIdentity, shardId: string, position: Position): Promise<string> {
  const answer = await source.open(stream, shardId, position);
  if (answer.kind !== 'opened') throw new Error(answer.kind);
  return answer.iterator;
}

/** The sequence numbers from a position to the shard's end, or to where it is caught up; whether it ended there. */
async function readAll(source: Source, stream: StreamIdentity, shardId: string, position: Position) {
  let iterator: string | null = await opened(source, stream, shardId, position);
  const sequenceNumbers: string[] = [];
  for (let empty = 0; iterator !== null && empty < 3; ) {
    const page: Page = await source.read(stream, iterator);
    if (page.kind !== 'page') throw new Error(page.kind);
    sequenceNumbers.push(...page.records.map((record) => record.sequenceNumber));
    empty = page.records.length === 0 ? empty + 1 : 0;
    iterator = page.next;
  }
  return { sequenceNumbers, isEnded: iterator === null };
}

const record = (id: string) => feedOf(insertOf({ id }), { tableName: 'orders' });

test('a stream is told with its retention, as long as it is', async () => {
  const test = await aStream();
  const { source } = await aSource(test);
  expect(source.retentionMs).toBe(24 * HOUR);

  const increase = { StreamName: test.streamName, RetentionPeriodHours: 168 };
  await test.client.send(new IncreaseStreamRetentionPeriodCommand(increase));
  await source.current();

  expect(source.retentionMs).toBe(168 * HOUR);
});

test('a stream that is not there is none', async () => {
  const test = await aStream();
  const source = kinesisSource({ client: test.client, streamName: 'nowhere', readers: 1, nowMs: Date.now });

  expect(await source.current()).toEqual({ kind: 'no-stream', message: 'there is no Kinesis stream nowhere' });
});

test('records come in order, with numbers of 56 digits, from wherever a position says', async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);
  const shardId = (await test.shards())[0]!.ShardId!;
  const numbers: string[] = [];
  for (const id of ['a', 'b', 'c']) numbers.push((await test.put(id, record(id))).sequenceNumber);

  const [first, second, third] = numbers as [string, string, string];
  expect(first).toMatch(/^\d{56}$/);
  expect(await readAll(source, stream, shardId, trimHorizon())).toEqual({ sequenceNumbers: numbers, isEnded: false });
  expect((await readAll(source, stream, shardId, atSequenceNumber(second))).sequenceNumbers).toEqual([second, third]);
  expect((await readAll(source, stream, shardId, afterSequenceNumber(second))).sequenceNumbers).toEqual([third]);
  const start = (await test.shards())[0]!.SequenceNumberRange!.StartingSequenceNumber!;
  expect((await readAll(source, stream, shardId, atSequenceNumber(start))).sequenceNumbers).toEqual(numbers);
});

test("a record is passed on as Lambda's event has it, its data untouched", async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);
  const { shardId, sequenceNumber } = await test.put('key', record('naïve €'));

  const page = await source.read(stream, await opened(source, stream, shardId, trimHorizon()));

  expect(page).toMatchObject({
    kind: 'page',
    behindMs: 0,
    records: [
      {
        sequenceNumber,
        event: {
          eventSource: 'aws:kinesis',
          eventID: `${shardId}:${sequenceNumber}`,
          awsRegion: 'us-east-1',
          eventSourceARN: stream.arn,
          kinesis: { partitionKey: 'key', data: Buffer.from(record('naïve €')).toString('base64') },
        },
      },
    ],
  });
});

test('a shard that was split ends, and names its children, which start above it', async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);
  const { shardId, sequenceNumber } = await test.put('a', record('a'));
  await test.split(shardId);

  expect(await readAll(source, stream, shardId, trimHorizon())).toEqual({
    sequenceNumbers: [sequenceNumber],
    isEnded: true,
  });
  const children = await source.childrenOf(stream, shardId);
  expect(children).toMatchObject({ kind: 'children', shards: [{ parents: [shardId] }, { parents: [shardId] }] });
  for (const child of children.kind === 'children' ? children.shards : []) {
    expect(compareSequenceNumbers(child.startingSequenceNumber, sequenceNumber)).toBeGreaterThan(0);
  }
});

test('a shard that two were merged into names both, and is the child of both', async () => {
  const test = await aStream(2);
  const { source, stream } = await aSource(test);
  const [left, right] = (await test.shards()).map((shard) => shard.ShardId!) as [string, string];
  await test.merge(left, right);

  const child = { parents: [left, right], isClosed: false };
  expect(await source.childrenOf(stream, left)).toMatchObject({ kind: 'children', shards: [child] });
  expect(await source.childrenOf(stream, right)).toMatchObject({ kind: 'children', shards: [child] });
  expect(await source.listShards(stream, null)).toMatchObject({
    kind: 'page',
    shards: [{ shardId: left, isClosed: true, parents: [] }, { shardId: right, isClosed: true }, child],
    next: null,
    open: true,
  });
});

test('a shard that is not there is gone', async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);

  expect(await source.open(stream, 'shardId-000000000009', trimHorizon())).toEqual({ kind: 'gone' });
});

test('a stream that is created again under its name is another one: nothing of it is taken for the old one', async () => {
  const test = await aStream();
  const clock = { nowMs: Date.now() };
  const { source, stream: old } = await aSource(test, () => clock.nowMs);
  const { shardId } = await test.put('a', record('a'));
  await test.client.send(new DeleteStreamCommand({ StreamName: test.streamName }));
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await createStream(test.client, test.streamName);
  await test.put('b', record('b'));

  clock.nowMs += 61_000;
  expect(await source.open(old, shardId, trimHorizon())).toEqual({ kind: 'gone' });
  expect(await source.listShards(old, null)).toEqual({ kind: 'gone' });
  expect(await source.childrenOf(old, shardId)).toEqual({ kind: 'unsupported' });
  const stream = await streamOf(source);
  expect(stream.arn).toBe(old.arn);
  expect(stream.createdAtMs).toBeGreaterThan(old.createdAtMs);
  expect((await readAll(source, stream, shardId, trimHorizon())).sequenceNumbers).toHaveLength(1);
});

test('an iterator older than five minutes has expired', async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);
  const iterator = await opened(source, stream, (await test.shards())[0]!.ShardId!, trimHorizon());

  const later = Date.now() + 300_001;
  vi.spyOn(Date, 'now').mockReturnValue(later);
  const page = await source.read(stream, iterator);
  vi.restoreAllMocks();

  expect(page).toEqual({ kind: 'expired' });
});

test('Kinesis goes on silently behind what it trimmed, and the source says that it does', async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);
  const { shardId, sequenceNumber } = await test.put('a', record('a'));
  await test.put('b', record('b'));

  const nextDay = Date.now() + 24 * HOUR + 1_000;
  const clock = vi.spyOn(Date, 'now').mockReturnValue(nextDay);
  const { sequenceNumbers } = await readAll(source, stream, shardId, afterSequenceNumber(sequenceNumber));
  clock.mockRestore();

  expect(sequenceNumbers).toEqual([]);
  expect(source.hidesTrimmed).toBe(true);
});

test('a shard is entered at a moment, a minute early, without reading what lies before', async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);
  const clock = vi.spyOn(Date, 'now');
  const base = Date.now() + 1_000;
  const numbers: string[] = [];
  for (const minute of [0, 10, 20]) {
    clock.mockReturnValue(base + minute * 60_000);
    numbers.push((await test.put(`${minute}`, record(`${minute}`))).sequenceNumber);
  }
  const { shardId } = await test.put('end', record('end'));

  const from = await opened(source, stream, shardId, trimHorizon(base + 10.5 * 60_000));
  const page = await source.read(stream, from);
  clock.mockRestore();

  expect(page.kind === 'page' && page.records.map(({ sequenceNumber }) => sequenceNumber).slice(0, 2)).toEqual(
    numbers.slice(1),
  );
});

test('a moment that has not come yet lets a shard be read from its beginning', async () => {
  const test = await aStream();
  const { source, stream } = await aSource(test);
  const { shardId, sequenceNumber } = await test.put('a', record('a'));

  const { sequenceNumbers } = await readAll(source, stream, shardId, trimHorizon(Date.now() + HOUR));

  expect(sequenceNumbers).toEqual([sequenceNumber]);
});

test('readers share five reads a second and shard', async () => {
  const { client, streamName } = await aStream();
  const interval = (readers: number) => kinesisSource({ client, streamName, readers, nowMs: Date.now }).pollIntervalMs;

  expect(interval(1)).toBe(200);
  expect(interval(4)).toBe(800);
});
