import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import { createStreamedTable, sharedDynamoDbLocal } from './dynamodb-local.ts';

test('every caller gets the same engine', async () => {
  const [one, other] = await Promise.all([sharedDynamoDbLocal(), sharedDynamoDbLocal()]);

  expect(one.endpoint).toBe(other.endpoint);
});

test('a write to a streamed table is a record of its stream', async () => {
  const { dynamodb, streams } = await sharedDynamoDbLocal();
  const { tableName, streamArn } = await createStreamedTable(dynamodb);

  await dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: 'a' } } }));

  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: StreamDescription?.Shards?.[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  expect(Records?.map((record) => record.dynamodb?.NewImage)).toEqual([{ id: { S: 'a' } }]);
});
