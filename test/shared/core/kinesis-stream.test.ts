import { expect, test } from 'vitest';
import {
  currentKinesisStream,
  kinesisIteratorAt,
  kinesisSourceRecord,
  listedKinesisShard,
} from '../../../shared/core/kinesis-stream.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd, trimHorizon } from '../../../shared/core/position.ts';
import { insertOf, kinesisEventOf } from '../../../shared/testing/index.ts';

const place = { streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/stream', shardId: 'shardId-000000000000' };
const FROM = new Date('2026-02-01T00:00:00Z');

const [lambdaRecord] = kinesisEventOf([insertOf({ id: 'a', n: 1 })], { tableName: 'orders', from: FROM }).Records;
const wire = {
  Data: lambdaRecord!.kinesis.data,
  PartitionKey: lambdaRecord!.kinesis.partitionKey!,
  SequenceNumber: lambdaRecord!.kinesis.sequenceNumber,
  ApproximateArrivalTimestamp: lambdaRecord!.kinesis.approximateArrivalTimestamp,
};

test("a record becomes the record of Lambda's event, but for the role of a mapping", () => {
  const { invokeIdentityArn: _role, ...expected } = lambdaRecord!;

  expect(kinesisSourceRecord(wire, place).event).toEqual(expected);
});

test('a record tells when its change happened, of which item it is, and what filters look at', () => {
  const record = kinesisSourceRecord(wire, place);

  expect(record.createdAtMs).toBe(FROM.getTime());
  expect(JSON.parse(record.itemKey())).toEqual(['orders', ['id', { S: 'a' }]]);
  expect(record.content).toMatchObject({ eventName: 'INSERT', tableName: 'orders' });
});

test('items of two tables with the same key are two items', () => {
  const [other] = kinesisEventOf([insertOf({ id: 'a', n: 1 })], { tableName: 'other' }).Records;

  const key = kinesisSourceRecord({ ...wire, Data: other!.kinesis.data }, place).itemKey();

  expect(key).not.toBe(kinesisSourceRecord(wire, place).itemKey());
});

test('data that is no change is passed on, as old as its arrival, for the handler to fail on', () => {
  const record = kinesisSourceRecord({ ...wire, Data: Buffer.from('hello').toString('base64') }, place);

  expect(record.createdAtMs).toBe(FROM.getTime() + 500);
  expect(record.itemKey()).toBe(wire.PartitionKey);
  expect(record.content).toBeNull();
});

test('a change that claims to be younger than its arrival is as old as that: nobody may make a shard look caught up', () => {
  const [future] = kinesisEventOf([insertOf({ id: 'a' })], { from: new Date(FROM.getTime() + 3_600_000) }).Records;

  expect(kinesisSourceRecord({ ...wire, Data: future!.kinesis.data }, place).createdAtMs).toBe(FROM.getTime() + 500);
});

test('a shard after a merge has two parents, and none has a time of creation', () => {
  const shard = { ShardId: 'c', SequenceNumberRange: { StartingSequenceNumber: '5' } };

  expect(listedKinesisShard({ ...shard, ParentShardId: 'a', AdjacentParentShardId: 'b' })).toEqual({
    shardId: 'c',
    parents: ['a', 'b'],
    startingSequenceNumber: '5',
    isClosed: false,
    createdAtMs: null,
  });
  expect(listedKinesisShard(shard).parents).toEqual([]);
  expect(
    listedKinesisShard({ ...shard, SequenceNumberRange: { StartingSequenceNumber: '5', EndingSequenceNumber: '6' } }),
  ).toMatchObject({ isClosed: true });
});

test.each([
  [trimHorizon(), { ShardIteratorType: 'TRIM_HORIZON' }],
  [atSequenceNumber('7'), { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '7' }],
  [afterSequenceNumber('7'), { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '7' }],
  // A shard of which nothing was read is entered a minute before the moment, which clocks may differ by.
  [trimHorizon(120_000), { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(60_000) }],
  [atSequenceNumber('7', 120_000), { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(60_000) }],
  [trimHorizon(1_000), { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(0) }],
  [afterSequenceNumber('7', 120_000), { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '7' }],
])('the position %o is opened at %o', (position, expected) => {
  expect(kinesisIteratorAt(position, 'shard')).toEqual(expected);
});

test('a shard at its end has nothing to open', () => {
  expect(() => kinesisIteratorAt(shardEnd(), 'shard')).toThrow('nothing of the shard shard can be opened at shard-end');
});

const summary = {
  StreamARN: place.streamArn,
  StreamStatus: 'ACTIVE',
  StreamCreationTimestamp: FROM,
  RetentionPeriodHours: 168,
};

test('a stream is known by its ARN and the time of its creation: one that is created again keeps its ARN', () => {
  expect(currentKinesisStream('stream', summary)).toEqual({
    kind: 'stream',
    stream: { arn: place.streamArn, createdAtMs: FROM.getTime() },
    open: true,
    retentionMs: 7 * 24 * 3_600_000,
  });
});

test('a stream that is being created, or not described, is none yet', () => {
  expect(currentKinesisStream('stream', { ...summary, StreamStatus: 'CREATING' })).toEqual({
    kind: 'no-stream',
    message: 'the Kinesis stream stream is CREATING',
  });
  expect(currentKinesisStream('stream')).toMatchObject({ kind: 'no-stream' });
});

test('a stream that distributes records by itself is refused: the changes of one item would be in no order', () => {
  expect(() => currentKinesisStream('stream', { ...summary, RecordDistributionStrategy: 'AUTO' })).toThrow(
    'the record distribution of the Kinesis stream stream must be USER_PARTITION_KEY, got AUTO: the changes of one item would be in no order',
  );
  const byKey = { ...summary, RecordDistributionStrategy: 'USER_PARTITION_KEY' };
  expect(currentKinesisStream('stream', byKey).kind).toBe('stream');
});
