import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type StreamViewType,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, test } from 'vitest';
import { streamEnabler } from '../../../shared/aws/stream-enabler.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { StreamRequest } from '../../../shared/core/stream-request.ts';
import { awsEndpoint, awsError } from '../../support/aws-endpoint.ts';
import { type Clients, clients, sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';

const aRequest = (tableName: string, given: Partial<StreamRequest> = {}): StreamRequest => ({
  tableName,
  region: 'us-east-1',
  viewType: 'NEW_AND_OLD_IMAGES',
  replace: undefined,
  turnOffOnDelete: false,
  ...given,
});

async function aTable({ dynamodb }: Clients, view?: StreamViewType): Promise<string> {
  const TableName = uniqueName('enabled');
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ...(view && { StreamSpecification: { StreamEnabled: true, StreamViewType: view } }),
    }),
  );
  return TableName;
}

async function setUp() {
  const local = await sharedDynamoDbLocal();
  const enabler = streamEnabler({ ...local, clock: systemClock, deadlineMs: Date.now() + 15_000 });
  const latest = async (TableName: string) =>
    (await local.dynamodb.send(new DescribeTableCommand({ TableName }))).Table;
  return { ...local, enabler, latest };
}

describe('on DynamoDB Local', () => {
  test('the stream of a table without one is turned on, and can be read at once', async () => {
    const { enabler, latest, streams, ...local } = await setUp();
    const tableName = await aTable({ streams, ...local });

    const { streamArn, tableArn, turnedOn } = await enabler.enable(aRequest(tableName, { viewType: 'NEW_IMAGE' }));

    expect(turnedOn).toBe(true);
    expect(await latest(tableName)).toMatchObject({
      TableArn: tableArn,
      LatestStreamArn: streamArn,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    });
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
    expect(StreamDescription?.StreamStatus).toBe('ENABLED');
  });

  test('a second call takes the same stream', async () => {
    const { enabler, ...local } = await setUp();
    const tableName = await aTable(local);

    const first = await enabler.enable(aRequest(tableName));
    const second = await enabler.enable(aRequest(tableName));

    expect(second).toEqual({ ...first, turnedOn: false });
  });

  test('a stream that was there before is taken as it is', async () => {
    const { enabler, latest, ...local } = await setUp();
    const tableName = await aTable(local, 'KEYS_ONLY');
    const before = await latest(tableName);

    const stream = await enabler.enable(aRequest(tableName, { viewType: 'KEYS_ONLY' }));

    expect(stream).toMatchObject({ streamArn: before?.LatestStreamArn, turnedOn: false });
  });

  test('another view type is an error that names both, and changes nothing', async () => {
    const { enabler, latest, ...local } = await setUp();
    const tableName = await aTable(local, 'KEYS_ONLY');
    const before = await latest(tableName);

    await expect(enabler.enable(aRequest(tableName))).rejects.toThrow(
      `the stream of ${tableName} has the view type KEYS_ONLY, and NEW_AND_OLD_IMAGES was asked for: take KEYS_ONLY, or name ${before?.LatestStreamArn} as the stream to replace`,
    );
    expect((await latest(tableName))?.LatestStreamArn).toBe(before?.LatestStreamArn);
  });

  test('only the very stream that is named is replaced', async () => {
    const { enabler, latest, ...local } = await setUp();
    const tableName = await aTable(local, 'KEYS_ONLY');
    const old = (await latest(tableName))?.LatestStreamArn;

    await expect(enabler.enable(aRequest(tableName, { replace: `${old}x` }))).rejects.toThrow('KEYS_ONLY');
    const replaced = await enabler.enable(aRequest(tableName, { replace: old }));

    expect(replaced.turnedOn).toBe(true);
    expect(replaced.streamArn).not.toBe(old);
    expect((await latest(tableName))?.StreamSpecification?.StreamViewType).toBe('NEW_AND_OLD_IMAGES');
  });

  test('the stream it turned on is turned off', async () => {
    const { enabler, latest, ...local } = await setUp();
    const tableName = await aTable(local);
    const { streamArn } = await enabler.enable(aRequest(tableName));

    await enabler.disable(tableName, streamArn);

    expect((await latest(tableName))?.StreamSpecification?.StreamEnabled).not.toBe(true);
  });

  test('another stream that the table has by now stays on', async () => {
    const { enabler, latest, dynamodb, ...local } = await setUp();
    const tableName = await aTable({ dynamodb, ...local });
    const { streamArn } = await enabler.enable(aRequest(tableName));
    await dynamodb.send(
      new UpdateTableCommand({ TableName: tableName, StreamSpecification: { StreamEnabled: false } }),
    );
    const other = await enabler.enable(aRequest(tableName));

    await enabler.disable(tableName, streamArn);

    expect(await latest(tableName)).toMatchObject({
      LatestStreamArn: other.streamArn,
      StreamSpecification: { StreamEnabled: true },
    });
  });

  test('a table that is gone needs nothing turned off, and cannot be turned on', async () => {
    const { enabler, dynamodb, ...local } = await setUp();
    const tableName = await aTable({ dynamodb, ...local });
    const { streamArn } = await enabler.enable(aRequest(tableName));
    await dynamodb.send(new DeleteTableCommand({ TableName: tableName }));

    await expect(enabler.disable(tableName, streamArn)).resolves.toBeUndefined();
    await expect(enabler.enable(aRequest(tableName))).rejects.toThrow(`there is no table ${tableName} in us-east-1`);
  });
});

describe('while DynamoDB is at work', () => {
  const TABLE_ARN = 'arn:aws:dynamodb:us-east-1:111111111111:table/orders';
  const table = (status: string, stream?: string) => ({
    body: JSON.stringify({
      Table: {
        TableArn: TABLE_ARN,
        TableStatus: status,
        ...(stream && {
          LatestStreamArn: `${TABLE_ARN}/stream/${stream}`,
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        }),
      },
    }),
  });
  const streamIs = (StreamStatus: string) => ({ body: JSON.stringify({ StreamDescription: { StreamStatus } }) });

  /** Answers each operation with the next of its answers, the last one for ever; time passes only by sleeping. */
  async function scripted(answers: Readonly<Record<string, readonly Parameters<typeof JSON.stringify>[0][]>>) {
    const asked = new Map<string, number>();
    const { endpoint, requests } = await awsEndpoint(({ operation }) => {
      const list = answers[operation] ?? [];
      const count = asked.get(operation) ?? 0;
      asked.set(operation, count + 1);
      return list[Math.min(count, list.length - 1)];
    });
    let nowMs = 0;
    const clock = {
      nowMs: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms;
      },
    };
    const enabler = streamEnabler({ ...clients(endpoint), clock, deadlineMs: 60_000 });
    return { enabler, operations: () => requests.map((request) => request.operation), elapsedMs: () => nowMs };
  }

  test('it waits until the table is ACTIVE and the stream ENABLED', async () => {
    const { enabler, operations } = await scripted({
      DescribeTable: [table('CREATING'), table('ACTIVE'), table('UPDATING', '1'), table('ACTIVE', '1')],
      UpdateTable: [{ body: '{}' }],
      DescribeStream: [streamIs('ENABLING'), streamIs('ENABLED')],
    });

    const stream = await enabler.enable(aRequest('orders'));

    expect(stream).toEqual({ tableArn: TABLE_ARN, streamArn: `${TABLE_ARN}/stream/1`, turnedOn: true });
    expect(operations()).toEqual([
      'DescribeTable',
      'DescribeTable',
      'UpdateTable',
      'DescribeTable',
      'DescribeTable',
      'DescribeStream',
      'DescribeStream',
    ]);
  });

  test('a change that somebody else began is waited for, and a stream that somebody else turned on adopted', async () => {
    const { enabler } = await scripted({
      DescribeTable: [table('ACTIVE'), table('UPDATING', '1'), table('ACTIVE', '1')],
      UpdateTable: [awsError('ResourceInUseException')],
      DescribeStream: [streamIs('ENABLED')],
    });

    expect(await enabler.enable(aRequest('orders'))).toMatchObject({ turnedOn: false });
  });

  test('it gives up before the function does, and says what it waited for', async () => {
    const { enabler, elapsedMs } = await scripted({ DescribeTable: [table('UPDATING')] });

    await expect(enabler.enable(aRequest('orders'))).rejects.toThrow('the table orders is still UPDATING');
    expect(elapsedMs()).toBe(60_000);
  });

  test('a missing permission is not waited for', async () => {
    const { enabler, elapsedMs } = await scripted({
      DescribeTable: [table('ACTIVE')],
      UpdateTable: [awsError('AccessDeniedException')],
    });

    await expect(enabler.enable(aRequest('orders'))).rejects.toThrow('AccessDeniedException');
    expect(elapsedMs()).toBe(0);
  });
});
