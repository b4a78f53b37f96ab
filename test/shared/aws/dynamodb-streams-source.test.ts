import { CreateTableCommand, type DynamoDBClient, PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { dynamodbStreamsSource } from '../../../shared/aws/dynamodb-streams-source.ts';
import { stateTableDefinition } from '../../../shared/core/state-row.ts';
import { createStreamedTable, sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';
import { idsOf, putter, readAll, shardsOf, streamOf } from './stream-reading.ts';

const MINUTE = 60_000;

describe('the current stream', () => {
  test('is the one that the table has now, the same at every call', async () => {
    const { source, streamArn } = await aTable();

    const [first, second] = [await source.current(), await source.current()];

    expect(first).toEqual({
      kind: 'stream',
      stream: { arn: streamArn, createdAtMs: Date.parse(`${streamArn.slice(-23)}Z`) },
      open: true,
    });
    expect(second).toEqual(first);
  });

  test('of a table that has been turned off stays readable, and is no longer open', async () => {
    const { source, put, dynamodb, tableName } = await aTable();
    await put('a');
    const stream = await streamOf(source);

    await turnStream(dynamodb, tableName, false);

    expect(await source.current()).toEqual({ kind: 'stream', stream, open: false });
    const page = await source.listShards(stream, null);
    expect(page).toMatchObject({ kind: 'page', open: false, shards: [{ isClosed: true }] });
    expect(idsOf(await readAll(source, stream, (await shardsOf(source, stream))[0]!))).toEqual(['a']);
  });

  test('is another one when it has been turned off and on', async () => {
    const { source, dynamodb, tableName } = await aTable();
    const before = await streamOf(source);

    await turnStream(dynamodb, tableName, false);
    await turnStream(dynamodb, tableName, true);

    const after = await streamOf(source);
    expect(after.arn).not.toBe(before.arn);
    expect(after.createdAtMs).toBeGreaterThan(before.createdAtMs);
  });

  test('of a table without one is none, and neither is that of no table', async () => {
    const { dynamodb, streams } = await sharedDynamoDbLocal();
    const plain = uniqueName('plain');
    await dynamodb.send(new CreateTableCommand(stateTableDefinition(plain)));
    const missing = uniqueName('missing');

    expect(await dynamodbStreamsSource({ dynamodb, streams, tableName: plain }).current()).toEqual({
      kind: 'no-stream',
      message: `the table ${plain} has no stream`,
    });
    expect(await dynamodbStreamsSource({ dynamodb, streams, tableName: missing }).current()).toEqual({
      kind: 'no-table',
      message: `there is no table ${missing}`,
    });
  });
});

describe('a record', () => {
  test("is in the JSON of Lambda's event, whatever the item holds", async () => {
    const { source, dynamodb, tableName, streamArn } = await aTable();
    const item = {
      id: { S: 'a' },
      number: { N: '0.12345678901234567890123456789012345678' },
      binary: { B: new Uint8Array([1, 2, 250]) },
      binaries: { BS: [new Uint8Array([1]), new Uint8Array([255])] },
      numbers: { NS: ['2', '1e100'] },
      nothing: { NULL: true },
      map: { M: { list: { L: [{ BOOL: false }, { L: [] }, { S: '' }] }, ['__proto__']: { S: 'kept' } } },
    } as const;
    await dynamodb.send(new PutItemCommand({ TableName: tableName, Item: structuredClone(item) as never }));

    const stream = await streamOf(source);
    const [record] = await readAll(source, stream, (await shardsOf(source, stream))[0]!);

    expect(record?.event).toEqual({
      eventID: expect.any(String),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: expect.any(String),
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: record!.createdAtMs / 1000,
        Keys: { id: { S: 'a' } },
        NewImage: {
          ...item,
          binary: { B: 'AQL6' },
          binaries: { BS: expect.arrayContaining(['AQ==', '/w==']) },
          numbers: { NS: expect.arrayContaining(['2']) },
          map: { M: { list: { L: [{ BOOL: false }, { L: [] }, { S: '' }] }, ['__proto__']: { S: 'kept' } } },
        },
        SequenceNumber: record!.sequenceNumber,
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(Math.abs(record!.createdAtMs - Date.now())).toBeLessThan(2 * MINUTE);
  });

  test('says which item it is of', async () => {
    const { source, put } = await aTable();
    for (const id of ['a', 'b', 'a']) await put(id);

    const stream = await streamOf(source);
    const keys = (await readAll(source, stream, (await shardsOf(source, stream))[0]!)).map(({ itemKey }) => itemKey());

    expect(keys[0]).toBe(keys[2]);
    expect(keys[0]).not.toBe(keys[1]);
  });
});

async function aTable() {
  const { dynamodb, streams } = await sharedDynamoDbLocal();
  const table = await createStreamedTable(dynamodb);
  const source = dynamodbStreamsSource({ dynamodb, streams, tableName: table.tableName });
  return { source, dynamodb, put: putter(dynamodb, table.tableName), ...table };
}

const turnStream = (dynamodb: DynamoDBClient, tableName: string, on: boolean) =>
  dynamodb.send(
    new UpdateTableCommand({
      TableName: tableName,
      StreamSpecification: on ? { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } : { StreamEnabled: false },
    }),
  );
