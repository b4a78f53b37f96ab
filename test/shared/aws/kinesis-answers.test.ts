import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect, test } from 'vitest';
import { kinesisSource } from '../../../shared/aws/kinesis-source.ts';
import { afterSequenceNumber, trimHorizon } from '../../../shared/core/position.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint, awsError } from '../../support/aws-endpoint.ts';

const CREATED = 1_700_000_000;
const stream = { arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/changes', createdAtMs: CREATED * 1000 };
const summary = (more: object = {}) => ({
  body: JSON.stringify({
    StreamDescriptionSummary: {
      StreamARN: stream.arn,
      StreamStatus: 'ACTIVE',
      StreamCreationTimestamp: CREATED,
      RetentionPeriodHours: 24,
      ...more,
    },
  }),
});

/** A source on an endpoint that answers as told; the summary is as it should be unless the test says otherwise. */
async function aSource(answer: (request: AwsRequest) => AwsAnswer | undefined) {
  const { endpoint, requests } = await awsEndpoint((request) => {
    const told = answer(request);
    if (told !== undefined) return told;
    return request.operation === 'DescribeStreamSummary' ? summary() : awsError('UnexpectedException');
  });
  const client = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
  const clock = { nowMs: 0 };
  const source = kinesisSource({ client, streamName: 'changes', readers: 1, nowMs: () => clock.nowMs });
  const bodies = (operation: string) =>
    requests.filter((request) => request.operation === operation).map(({ body }) => JSON.parse(body));
  return { source, clock, bodies };
}

const to = (operation: string, answer: AwsAnswer) => (request: AwsRequest) =>
  request.operation === operation ? answer : undefined;
const ok = (body: object): AwsAnswer => ({ body: JSON.stringify(body) });

const wire = { Data: 'aGVsbG8=', PartitionKey: 'a', SequenceNumber: '5', ApproximateArrivalTimestamp: 1.5 };

test('the last page of a closed shard may have records: they are there, and nothing follows', async () => {
  const { source } = await aSource(to('GetRecords', ok({ Records: [wire], MillisBehindLatest: 0, ChildShards: [] })));

  expect(await source.read(stream, 'shard-1 iterator')).toMatchObject({
    kind: 'page',
    records: [{ sequenceNumber: '5' }],
    next: null,
  });
});

test('a record that cannot be read is passed on, and the page with it', async () => {
  const { source } = await aSource(to('GetRecords', ok({ Records: [wire, wire], NextShardIterator: 'next' })));

  const page = await source.read(stream, 'shard-1 iterator');

  expect(page).toMatchObject({ kind: 'page', records: [{ content: null }, { content: null }], next: 'shard-1 next' });
});

test('how far a page is behind is told', async () => {
  const { source } = await aSource(
    to('GetRecords', ok({ Records: [], NextShardIterator: 'n', MillisBehindLatest: 7 })),
  );

  expect(await source.read(stream, 'shard-1 iterator')).toMatchObject({ behindMs: 7 });
});

test.each([
  ['ProvisionedThroughputExceededException', { kind: 'failed', reason: 'throttled' }],
  ['ExpiredIteratorException', { kind: 'expired' }],
  ['InvalidArgumentException', { kind: 'expired' }],
  ['ResourceNotFoundException', { kind: 'gone' }],
  ['AccessDeniedException', { kind: 'failed', reason: 'denied' }],
  ['KMSAccessDeniedException', { kind: 'failed', reason: 'denied' }],
  ['InternalFailureException', { kind: 'failed', reason: 'unavailable' }],
])('%s of GetRecords is %o', async (name, expected) => {
  const { source } = await aSource(to('GetRecords', awsError(name)));

  expect(await source.read(stream, 'shard-1 iterator')).toMatchObject(expected);
});

test.each([
  ['ProvisionedThroughputExceededException', { kind: 'failed', reason: 'throttled' }],
  ['ResourceNotFoundException', { kind: 'gone' }],
  ['InvalidArgumentException', { kind: 'failed', reason: 'unavailable' }],
])('%s of GetShardIterator is %o', async (name, expected) => {
  const { source } = await aSource(to('GetShardIterator', awsError(name)));

  expect(await source.open(stream, 'shard-1', afterSequenceNumber('5'))).toMatchObject(expected);
});

test('all pages of a listing are read', async () => {
  const shard = (ShardId: string) => ({ ShardId, SequenceNumberRange: { StartingSequenceNumber: '1' } });
  const { source, bodies } = await aSource(({ operation, body }) => {
    if (operation !== 'ListShards') return undefined;
    return JSON.parse(body).NextToken ? ok({ Shards: [shard('b')] }) : ok({ Shards: [shard('a')], NextToken: 'token' });
  });

  const first = await source.listShards(stream, null);
  const second = await source.listShards(stream, first.kind === 'page' ? first.next : null);

  expect(first).toMatchObject({ shards: [{ shardId: 'a' }] });
  expect(second).toMatchObject({ shards: [{ shardId: 'b' }], next: null });
  // A stream must not be named where a token is.
  expect(bodies('ListShards')).toEqual([
    { StreamName: 'changes', MaxResults: 1000 },
    { NextToken: 'token', MaxResults: 1000 },
  ]);
});

test("the children that a shard's last page names are looked for in a listing, as far as it takes to find them", async () => {
  const child = (ShardId: string, ...ParentShards: string[]) => ({ ShardId, ParentShards });
  const listed = (ShardId: string, ParentShardId: string, StartingSequenceNumber: string) => ({
    ...{ ShardId, ParentShardId },
    SequenceNumberRange: { StartingSequenceNumber },
  });
  const pages = [
    { Shards: [listed('shard-7', 'shard-2', '70'), listed('shard-8', 'shard-1', '80')], NextToken: 'first' },
    { Shards: [listed('shard-9', 'shard-1', '90')], NextToken: 'second' },
    { Shards: [listed('shard-10', 'shard-9', '100')] },
  ];
  const { source, bodies } = await aSource(({ operation, body }) => {
    if (operation === 'ListShards') return ok(pages[['first', 'second'].indexOf(JSON.parse(body).NextToken) + 1]!);
    if (operation !== 'GetRecords') return undefined;
    return ok({ Records: [], ChildShards: [child('shard-8', 'shard-1'), child('shard-9', 'shard-1')] });
  });

  await source.read(stream, 'shard-1 iterator');
  const named = await source.childrenOf(stream, 'shard-1');
  const asked = bodies('ListShards').length;
  const unnamed = await source.childrenOf(stream, 'shard-2');

  expect(named).toMatchObject({
    kind: 'children',
    shards: [
      { shardId: 'shard-8', startingSequenceNumber: '80' },
      { shardId: 'shard-9', startingSequenceNumber: '90' },
    ],
  });
  expect(unnamed).toMatchObject({ kind: 'children', shards: [{ shardId: 'shard-7' }] });
  expect([asked, bodies('ListShards').length - asked]).toEqual([2, 3]);
});

test('a listing whose token has expired goes on behind the last shard that it showed', async () => {
  const { source, bodies } = await aSource(({ operation, body }) => {
    if (operation !== 'ListShards') return undefined;
    const { NextToken, ExclusiveStartShardId } = JSON.parse(body);
    if (NextToken) return awsError('ExpiredNextTokenException');
    const ShardId = ExclusiveStartShardId === undefined ? 'a' : 'b';
    return ok({ Shards: [{ ShardId }], ...(ShardId === 'a' && { NextToken: 'token' }) });
  });

  const first = await source.listShards(stream, null);
  const second = await source.listShards(stream, first.kind === 'page' ? first.next : null);

  expect(second).toMatchObject({ kind: 'page', shards: [{ shardId: 'b' }], next: null });
  expect(bodies('ListShards').at(-1)).toEqual({
    StreamName: 'changes',
    ExclusiveStartShardId: 'a',
    MaxResults: 1000,
  });
});

test('what the stream is, is asked once a minute, however many shards are opened', async () => {
  const { source, clock, bodies } = await aSource(to('GetShardIterator', ok({ ShardIterator: 'iterator' })));

  await Promise.all([1, 2, 3].map((shard) => source.open(stream, `${shard}`, trimHorizon())));
  clock.nowMs = 59_999;
  await source.open(stream, '1', trimHorizon());
  expect(bodies('DescribeStreamSummary')).toHaveLength(1);
  clock.nowMs = 60_000;
  await source.open(stream, '1', trimHorizon());

  expect(bodies('DescribeStreamSummary')).toHaveLength(2);
});

test('as long as nobody says what the stream is, nothing of it is opened', async () => {
  let isThrottled = true;
  const { source } = await aSource(({ operation }) => {
    if (operation === 'GetShardIterator') return ok({ ShardIterator: 'iterator' });
    return operation === 'DescribeStreamSummary' && isThrottled ? awsError('LimitExceededException') : undefined;
  });

  expect(await source.open(stream, '1', trimHorizon())).toMatchObject({ kind: 'failed', reason: 'throttled' });
  expect(source.retentionMs).toBeUndefined();
  isThrottled = false;
  expect(await source.open(stream, '1', trimHorizon())).toEqual({ kind: 'opened', iterator: '1 iterator' });
});

test('a stream that distributes records by itself is refused', async () => {
  const { source } = await aSource(to('DescribeStreamSummary', summary({ RecordDistributionStrategy: 'AUTO' })));

  await expect(source.current()).rejects.toThrow(/must be USER_PARTITION_KEY, got AUTO/);
});
