import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clients, createStreamedTable } from './dynamodb-local.ts';
import { type RollingDynamoDbLocal, startRollingDynamoDbLocal } from './dynamodb-local-rollover.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let engine: RollingDynamoDbLocal;

beforeAll(async () => {
  engine = await startRollingDynamoDbLocal();
}, 60_000);
afterAll(() => engine?.stop());

test('a roll-over closes the open shard and opens a child of it', async () => {
  const { streams, streamArn } = await aTable();

  await engine.rollOver();
  await engine.rollOver();

  const shards = await shardsOf(streams, streamArn);
  const [first, second, third] = shards;
  expect(shards).toHaveLength(3);
  expect(first?.ParentShardId).toBeUndefined();
  expect([second?.ParentShardId, third?.ParentShardId]).toEqual([first?.ShardId, second?.ShardId]);
  expect(shards.map((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined)).toEqual([
    false,
    false,
    true,
  ]);
});

test('an iterator expires when it has become older than 15 minutes', async () => {
  const { streams, streamArn } = await aTable();
  const [shard] = await shardsOf(streams, streamArn);
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: shard?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );

  await engine.dilate(16 * MINUTE);

  await expect(streams.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
    name: 'ExpiredIteratorException',
  });
});

test('a record older than 24 hours is trimmed: reading from its position fails', async () => {
  const { dynamodb, streams, tableName, streamArn } = await aTable();
  await dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: 'a' } } }));
  const [shard] = await shardsOf(streams, streamArn);

  await engine.dilate(25 * HOUR);

  const read = streams
    .send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shard?.ShardId,
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        SequenceNumber: shard?.SequenceNumberRange?.StartingSequenceNumber,
      }),
    )
    .then(({ ShardIterator }) => streams.send(new GetRecordsCommand({ ShardIterator })));
  await expect(read).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
});

async function aTable() {
  const { dynamodb, streams } = clients(engine.endpoint);
  return { dynamodb, streams, ...(await createStreamedTable(dynamodb)) };
}

async function shardsOf(streams: ReturnType<typeof clients>['streams'], streamArn: string) {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  return StreamDescription?.Shards ?? [];
}
