import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import type { ChangeEvent } from '../../shared/core/record.ts';
import { type Change, changeHandler } from '../../shared/handler.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint } from '../support/aws-endpoint.ts';
import { sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { createStateTable, requestInput, startWalk } from '../support/integration/walk-runner.ts';

const STREAM_ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-02-03T04:05:06.789';
const SHARD_ID = 'shardId-00000001770091506789-0a1b2c3d';

/** The life of an order, in the words that GetRecords and Lambda share; the last change but one is TTL's. */
const CHANGES = [
  {
    eventID: 'a1',
    eventName: 'INSERT',
    dynamodb: {
      ApproximateCreationDateTime: 1770091600,
      Keys: { orderId: { S: 'o-1' } },
      NewImage: {
        orderId: { S: 'o-1' },
        total: { N: '123456789012345678901234567890.12' },
        label: { B: 'AP+A' },
        tags: { SS: ['gift', 'fragile'] },
        boxes: { NS: ['1', '2.5'] },
        parts: { BS: ['AA==', '/w=='] },
        address: {
          M: { city: { S: 'Zürich' }, lines: { L: [{ S: 'a' }, { NULL: true }] }, __proto__x: { BOOL: false } },
        },
      },
      SequenceNumber: '999900000000000000001',
      SizeBytes: 120,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  },
  {
    eventID: 'a2',
    eventName: 'MODIFY',
    dynamodb: {
      ApproximateCreationDateTime: 1770091601,
      Keys: { orderId: { S: 'o-1' } },
      NewImage: { orderId: { S: 'o-1' }, status: { S: 'paid' } },
      OldImage: { orderId: { S: 'o-1' }, status: { S: 'new' } },
      SequenceNumber: '999900000000000000002',
      SizeBytes: 60,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  },
  {
    eventID: 'a3',
    eventName: 'REMOVE',
    identity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    dynamodb: {
      ApproximateCreationDateTime: 1770091602,
      Keys: { orderId: { S: 'o-1' } },
      OldImage: { orderId: { S: 'o-1' }, status: { S: 'paid' } },
      SequenceNumber: '1000000000000000000003',
      SizeBytes: 40,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  },
  {
    eventID: 'a4',
    eventName: 'REMOVE',
    dynamodb: {
      ApproximateCreationDateTime: 1770091603,
      Keys: { orderId: { S: 'o-2' } },
      OldImage: { orderId: { S: 'o-2' } },
      SequenceNumber: '1000000000000000000004',
      SizeBytes: 20,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  },
].map((change) => ({ ...change, eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'eu-west-1' }));

/** The event as an event source mapping sends it. */
const MAPPING_EVENT = {
  Records: CHANGES.map(({ identity, ...change }) => ({
    ...change,
    eventSourceARN: STREAM_ARN,
    ...(identity ? { userIdentity: identity } : {}),
  })),
};

/** The same changes as GetRecords answers them: no ARN, and other names in the identity. */
const WIRE_RECORDS = CHANGES.map(({ identity, ...change }) => ({
  ...change,
  ...(identity ? { userIdentity: { Type: identity.type, PrincipalId: identity.principalId } } : {}),
}));

test('the same changes make the same calls of the handler, sent by a mapping or by the walker, TTL deletes included', async () => {
  const engine = await sharedDynamoDbLocal();
  const stateTable = await createStateTable(engine);
  const aws = await awsEndpoint(streamOfOneShard);
  const options = {
    endpoint: aws.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const source = { dynamodb: new DynamoDBClient(options), streams: new DynamoDBStreamsClient(options) };
  const mapped = recordingHandler();
  const walked = recordingHandler();

  const answer = await mapped.handler(JSON.parse(JSON.stringify(MAPPING_EVENT)));
  const walk = startWalk({ engine, source, request: requestInput(stateTable, 'orders'), handler: walked.handler });
  await walk.reaches(() => walked.calls.length >= CHANGES.length);
  const summary = await walk.stop();

  expect(answer).toEqual({ batchItemFailures: [] });
  expect(summary).toMatchObject({ records: CHANGES.length, failures: 0, gaps: 0 });
  expect(walked.events).toEqual([MAPPING_EVENT]);
  expect(walked.calls).toEqual(mapped.calls);
  expect(mapped.calls.map(({ kind, sequenceNumber, expired }) => [kind, sequenceNumber, expired])).toEqual([
    ['insert', '999900000000000000001', undefined],
    ['modify', '999900000000000000002', undefined],
    ['remove', '1000000000000000000003', true],
    ['remove', '1000000000000000000004', false],
  ]);
  expect(mapped.calls[0]?.newImage).toMatchObject({
    tags: new Set(['gift', 'fragile']),
    label: Uint8Array.of(0, 255, 128),
  });
}, 120_000);

/** Everything that a function can read of a change. */
const READ = [
  ...['kind', 'eventId', 'sequenceNumber', 'approximateTime', 'tableName', 'region', 'streamArn', 'raw'],
  ...['keys', 'idempotencyKey', 'version', 'sizeBytes', 'newImage', 'oldImage', 'changed', 'expired'],
];
type Call = Readonly<Record<string, unknown>>;

/** A handler that writes down its events, and all of each change that its functions are called with. */
function recordingHandler() {
  const calls: Call[] = [];
  const events: ChangeEvent[] = [];
  const call = (change: Change<Record<string, unknown>>): void => {
    calls.push(Object.fromEntries(READ.map((name) => [name, Reflect.get(change, name)])));
  };
  const handle = changeHandler<Record<string, unknown>>({ insert: call, modify: call, remove: call });
  const handler = (event: ChangeEvent) => {
    events.push(event);
    return handle(event);
  };
  return { calls, events, handler };
}

/** DynamoDB and its streams with one table, one open shard, and the changes in it. */
function streamOfOneShard({ operation, body }: AwsRequest): AwsAnswer {
  const json = (answer: object): AwsAnswer => ({
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(answer),
  });
  const { ShardIterator: iterator = '' } = JSON.parse(body) as { readonly ShardIterator?: string };
  switch (operation) {
    case 'DescribeTable':
      return json({ Table: { LatestStreamArn: STREAM_ARN, StreamSpecification: { StreamEnabled: true } } });
    case 'DescribeStream': {
      const range = { StartingSequenceNumber: '999900000000000000000' };
      const shards = [{ ShardId: SHARD_ID, SequenceNumberRange: range }];
      return json({ StreamDescription: { StreamArn: STREAM_ARN, StreamStatus: 'ENABLED', Shards: shards } });
    }
    case 'GetShardIterator':
      return json({ ShardIterator: 'begin' });
    case 'GetRecords':
      return json({ Records: iterator === 'begin' ? WIRE_RECORDS : [], NextShardIterator: 'later' });
    default:
      return 'hang-up';
  }
}
