import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import { dynamodbStreamsSource } from '../../../shared/aws/dynamodb-streams-source.ts';
import type { Source } from '../../../shared/core/ports.ts';
import { atSequenceNumber, trimHorizon } from '../../../shared/core/position.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint, awsError } from '../../support/aws-endpoint.ts';

// What no engine on this machine does: throttle, refuse, break off, delete by TTL.
const STREAM = {
  arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-02-03T04:05:06.789',
  createdAtMs: 0,
};

/** A source whose tables and streams are what `answer` says. */
const answered = async (answer: (request: AwsRequest) => AwsAnswer | object) => {
  const { endpoint, requests } = await awsEndpoint((request) => {
    const given = answer(request);
    return given === 'hang-up' || 'status' in Object(given) ? (given as AwsAnswer) : { body: JSON.stringify(given) };
  });
  return { source: dynamodbStreamsSource({ ...clients(endpoint, 1), tableName: 'orders' }), requests };
};
const everyCall = (source: Source) => [
  source.current(),
  source.listShards(STREAM, null),
  source.childrenOf(STREAM, 'shard-a'),
  source.open(STREAM, 'shard-a', trimHorizon()),
  source.read(STREAM, 'iterator'),
];

test.for([
  ['ThrottlingException', 'throttled'],
  ['LimitExceededException', 'throttled'],
  ['AccessDeniedException', 'denied'],
  ['InternalServerError', 'unavailable'],
] as const)('%s is a call that failed, whichever it was: %s', async ([name, reason]) => {
  const { source } = await answered(() => awsError(name));

  for (const outcome of everyCall(source)) expect(await outcome).toMatchObject({ kind: 'failed', reason });
});

test('a connection that breaks is a call that failed, whichever it was', async () => {
  const { source } = await answered(() => 'hang-up');

  for (const outcome of everyCall(source))
    expect(await outcome).toMatchObject({ kind: 'failed', reason: 'unavailable' });
});

test('a page that breaks off or is no record is a call that failed, and never a shorter page', async () => {
  const broken = await answered(() => ({ status: 200, body: '{"Records":[{"eventID":"1","dyn' }));
  const strange = await answered(() => ({ Records: [{ eventID: '1', dynamodb: { Keys: {} } }] }));

  expect(await broken.source.read(STREAM, 'iterator')).toMatchObject({ kind: 'failed', reason: 'unavailable' });
  expect(await strange.source.read(STREAM, 'iterator')).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('must have dynamodb.Keys, SequenceNumber and ApproximateCreationDateTime'),
  });
});

test('a call is repeated by the client as often as the client is told', async () => {
  let failures = 1;
  const { endpoint, requests } = await awsEndpoint(() =>
    failures-- > 0 ? awsError('InternalServerError', {}, 500) : { body: '{"Records":[],"NextShardIterator":"next"}' },
  );
  const source = dynamodbStreamsSource({ ...clients(endpoint, 2), tableName: 'orders' });

  expect(await source.read(STREAM, 'iterator')).toEqual({ kind: 'page', records: [], next: 'next' });
  expect(requests).toHaveLength(2);
});

test('trimmed data shows when a position is opened, too', async () => {
  const { source } = await answered(() => awsError('TrimmedDataAccessException'));

  expect(await source.open(STREAM, 'shard-a', atSequenceNumber('7'))).toEqual({ kind: 'trimmed' });
});

test.for([
  [{ PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' }],
  [{ principalId: 'dynamodb.amazonaws.com', type: 'Service' }],
])("TTL's own deletes are told as Lambda tells them, from %j", async ([userIdentity]) => {
  const record = {
    eventName: 'REMOVE',
    userIdentity,
    dynamodb: { Keys: {}, SequenceNumber: '1', ApproximateCreationDateTime: 1.5 },
  };
  const { source } = await answered(() => ({
    Records: [record, { ...record, userIdentity: null }],
    NextShardIterator: null,
  }));

  const page = await source.read(STREAM, 'iterator');

  if (page.kind !== 'page') throw new Error(page.kind);
  expect(page.records.map(({ event }) => ('userIdentity' in event ? event.userIdentity : 'none'))).toEqual([
    { principalId: 'dynamodb.amazonaws.com', type: 'Service' },
    'none',
  ]);
  expect(page.records[0]?.createdAtMs).toBe(1500);
  expect(page.next).toBeNull();
});

test('children are what the filter finds, in one call', async () => {
  const child = {
    ShardId: 'shard-b',
    ParentShardId: 'shard-a',
    SequenceNumberRange: { StartingSequenceNumber: '9' },
  };
  const { source, requests } = await answered(() => ({ StreamDescription: { Shards: [child] } }));

  expect(await source.childrenOf(STREAM, 'shard-a')).toEqual({
    kind: 'children',
    shards: [
      { shardId: 'shard-b', parents: ['shard-a'], startingSequenceNumber: '9', isClosed: false, createdAtMs: null },
    ],
  });
  expect(requests.map(({ body }) => JSON.parse(body))).toEqual([
    { StreamArn: STREAM.arn, ShardFilter: { Type: 'CHILD_SHARDS', ShardId: 'shard-a' } },
  ]);
});

test('an engine that lists everything whatever the filter tells children all the same', async () => {
  const shards = [{ ShardId: 'shard-a' }, { ShardId: 'shard-b', ParentShardId: 'shard-a' }, { ShardId: 'shard-c' }];
  const { source } = await answered(() => ({ StreamDescription: { Shards: shards } }));

  expect(await source.childrenOf(STREAM, 'shard-a')).toMatchObject({
    kind: 'children',
    shards: [{ shardId: 'shard-b' }],
  });
});

test('an engine that refuses the filter cannot tell children', async () => {
  const { source } = await answered(() => awsError('ValidationException'));

  expect(await source.childrenOf(STREAM, 'shard-a')).toEqual({ kind: 'unsupported' });
});

test('a stream that is being turned on has no shards yet, and is open', async () => {
  const { source } = await answered(() => ({ StreamDescription: { StreamStatus: 'ENABLING' } }));

  expect(await source.listShards(STREAM, null)).toEqual({ kind: 'page', shards: [], next: null, open: true });
});

test("a stream's ARN without a time is refused, with its text", async () => {
  const { source } = await answered(() => ({ Table: { LatestStreamArn: 'arn:aws:dynamodb:x/stream/now' } }));

  await expect(source.current()).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('got arn:aws:dynamodb:x/stream/now'),
  });
});

const clients = (endpoint: string, maxAttempts: number) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const options = { endpoint, region: 'eu-west-1', credentials, maxAttempts };
  return { dynamodb: new DynamoDBClient(options), streams: new DynamoDBStreamsClient(options) };
};
