import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamodbStreamsSource } from '../../../shared/aws/dynamodb-streams-source.ts';
import type { ListedShard } from '../../../shared/core/ports.ts';
import {
  afterSequenceNumber,
  atSequenceNumber,
  type Position,
  shardEnd,
  trimHorizon,
} from '../../../shared/core/position.ts';
import { clients, createStreamedTable } from '../../support/dynamodb-local.ts';
import { type RollingDynamoDbLocal, startRollingDynamoDbLocal } from '../../support/dynamodb-local-rollover.ts';
import { idsOf, pageFrom, putter, readAll, shardsOf, streamOf } from './stream-reading.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let engine: RollingDynamoDbLocal;
beforeAll(async () => {
  engine = await startRollingDynamoDbLocal();
}, 60_000);
afterAll(() => engine?.stop());

const rollingTable = async () => {
  const { dynamodb, streams } = clients(engine.endpoint);
  const { tableName } = await createStreamedTable(dynamodb);
  const source = dynamodbStreamsSource({ dynamodb, streams, tableName });
  return { source, put: putter(dynamodb, tableName), stream: await streamOf(source) };
};

test('are listed page by page, parents named, with the time of their creation', async () => {
  const { source, stream } = await rollingTable();
  const start = Date.now();
  for (let n = 0; n < 105; n += 1) await engine.rollOver();

  const page = await source.listShards(stream, null);
  if (page.kind !== 'page') throw new Error(page.kind);
  const rest = await source.listShards(stream, page.next);
  if (rest.kind !== 'page') throw new Error(rest.kind);

  const shards = [...page.shards, ...rest.shards];
  expect([page.shards.length, rest.shards.length, rest.next]).toEqual([100, 6, null]);
  expect(shards.map((shard) => shard.parents)).toEqual([[], ...shards.slice(0, -1).map((shard) => [shard.shardId])]);
  expect(shards.map((shard) => shard.isClosed)).toEqual([...Array(105).fill(true), false]);
  for (const { createdAtMs } of shards) expect(Math.abs((createdAtMs ?? 0) - start)).toBeLessThan(MINUTE);
});

test('tell their children as soon as they have any', async () => {
  const { source, stream } = await rollingTable();
  const [root] = await shardsOf(source, stream);
  expect(await source.childrenOf(stream, root!.shardId)).toEqual({ kind: 'children', shards: [] });

  await engine.rollOver();
  await engine.rollOver();

  const [, child] = await shardsOf(source, stream);
  expect(await source.childrenOf(stream, root!.shardId)).toEqual({ kind: 'children', shards: [child] });
});

test('are read from every position, and end on the page that has their last records', async () => {
  const { source, put, stream } = await rollingTable();
  for (const id of ['a', 'b', 'c']) await put(id);
  await engine.rollOver();
  await put('d');
  const [root, child] = await shardsOf(source, stream);
  const [first] = await readAll(source, stream, root!);
  const idsFrom = async (shard: ListedShard, position: Position) => {
    const page = await pageFrom(source, stream, shard, position);
    return [idsOf(page.records), page.next === null];
  };

  expect(await idsFrom(root!, trimHorizon())).toEqual([['a', 'b', 'c'], true]);
  expect(await idsFrom(root!, atSequenceNumber(root!.startingSequenceNumber))).toEqual([['a', 'b', 'c'], true]);
  expect(await idsFrom(root!, afterSequenceNumber(first!.sequenceNumber))).toEqual([['b', 'c'], true]);
  expect(await idsFrom(child!, trimHorizon())).toEqual([['d'], false]);
});

test('have nothing left to open at their end', async () => {
  const { source, stream } = await rollingTable();
  const [root] = await shardsOf(source, stream);

  await expect(source.open(stream, root!.shardId, shardEnd())).rejects.toMatchObject({ code: 'invalid-state' });
});

test('refuse an iterator of more than 15 minutes ago; the position gives a new one', async () => {
  const { source, put, stream } = await rollingTable();
  await put('a');
  const [root] = await shardsOf(source, stream);
  const opened = await source.open(stream, root!.shardId, trimHorizon());
  if (opened.kind !== 'opened') throw new Error(opened.kind);

  await engine.dilate(16 * MINUTE);

  expect(await source.read(stream, opened.iterator)).toEqual({ kind: 'expired' });
  expect(idsOf((await pageFrom(source, stream, root!, trimHorizon())).records)).toEqual(['a']);
  expect(source.iteratorLifetimeMs).toBe(14 * MINUTE);
});

test('say that the beginning of what is unread was trimmed', async () => {
  const { source, put, stream } = await rollingTable();
  await put('a');
  const [root] = await shardsOf(source, stream);

  await engine.dilate(25 * HOUR);

  const opened = await source.open(stream, root!.shardId, atSequenceNumber(root!.startingSequenceNumber));
  const read = opened.kind === 'opened' ? await source.read(stream, opened.iterator) : opened;
  expect(read).toEqual({ kind: 'trimmed' });
});

test('that do not exist any more are gone, and so is a stream', async () => {
  const { source, stream } = await rollingTable();
  const otherStream = { ...stream, arn: stream.arn.replace(/stream.*/, 'stream/2015-05-11T21:21:33.291') };
  const [root] = await shardsOf(source, stream);
  const otherShard = 'shardId-00000001573689847184-864758bb';

  expect(await source.open(stream, otherShard, trimHorizon())).toEqual({ kind: 'gone' });
  expect(await source.open(otherStream, root!.shardId, trimHorizon())).toEqual({ kind: 'gone' });
  expect(await source.listShards(otherStream, null)).toEqual({ kind: 'gone' });
  expect(await source.childrenOf(otherStream, root!.shardId)).toEqual({ kind: 'unsupported' });
});
