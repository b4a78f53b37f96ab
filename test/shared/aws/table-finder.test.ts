import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, test } from 'vitest';
import { dynamodbTableRegistry } from '../../../shared/aws/dynamodb-table-registry.ts';
import { tableFinder } from '../../../shared/aws/table-finder.ts';
import { stateTableDefinition } from '../../../shared/core/state-row.ts';
import type { RegistryRow } from '../../../shared/core/table-row.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint, awsError } from '../../support/aws-endpoint.ts';
import { createStreamedTable, sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';
import { createStateTable } from '../../support/integration/walk-runner.ts';

/** A finder whose region is what `answer` says. */
async function answered(answer: (request: AwsRequest) => AwsAnswer | object) {
  const { endpoint, requests } = await awsEndpoint((request) => {
    const given = answer(request);
    return given === 'hang-up' || 'status' in Object(given) ? (given as AwsAnswer) : { body: JSON.stringify(given) };
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const options = { endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 };
  const finder = tableFinder({ dynamodb: new DynamoDBClient(options), streams: new DynamoDBStreamsClient(options) });
  return { finder, requests };
}

const STREAM_ARN = 'arn:aws:dynamodb:eu-west-1:1:table/orders/stream/2026-02-03T04:05:06.789';
const TABLE = {
  TableName: 'orders',
  TableId: 'f0f0',
  TableArn: 'arn:aws:dynamodb:eu-west-1:1:table/orders',
  TableStatus: 'ACTIVE',
  LatestStreamArn: STREAM_ARN,
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
};

describe('tables are found', () => {
  test('page by page', async () => {
    const { finder, requests } = await answered(({ body }) =>
      body.includes('ExclusiveStart') ? { TableNames: ['c'] } : { TableNames: ['a', 'b'], LastEvaluatedTableName: 'b' },
    );

    expect(await finder.listTables(null)).toEqual({ kind: 'page', names: ['a', 'b'], next: 'b' });
    expect(await finder.listTables('b')).toEqual({ kind: 'page', names: ['c'], next: null });
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({ ExclusiveStartTableName: 'b' });
  });

  test('with the stream that is on', async () => {
    const { finder } = await answered(() => ({ Table: TABLE }));

    expect(await finder.describeTable('orders')).toEqual({
      kind: 'table',
      table: {
        ...{ tableName: 'orders', tableId: 'f0f0', arn: TABLE.TableArn, status: 'ACTIVE' },
        stream: { arn: STREAM_ARN, createdAtMs: Date.UTC(2026, 1, 3, 4, 5, 6, 789), viewType: 'NEW_IMAGE' },
      },
    });
  });

  // NimoShake takes the first stream that is listed, also one that was turned off.
  test('without a stream that was turned off, which stays the latest for a day', async () => {
    const { finder } = await answered(() => ({ Table: { ...TABLE, StreamSpecification: undefined } }));

    expect(await finder.describeTable('orders')).toMatchObject({ kind: 'table', table: { stream: null } });
  });

  test('with all pages of their tags', async () => {
    const { finder } = await answered(({ body }) =>
      body.includes('NextToken')
        ? { Tags: [{ Key: 'team', Value: 'shop' }] }
        : { Tags: [{ Key: 'cdc', Value: 'on' }], NextToken: 'more' },
    );

    expect(await finder.tagsOf(TABLE.TableArn)).toEqual({ kind: 'tags', tags: { cdc: 'on', team: 'shop' } });
  });

  test('or are not there', async () => {
    const { finder } = await answered(() => awsError('ResourceNotFoundException'));

    expect(await finder.describeTable('orders')).toEqual({ kind: 'none' });
    expect(await finder.tagsOf(TABLE.TableArn)).toEqual({ kind: 'none' });
    expect(await finder.isReadable(STREAM_ARN)).toBe(false);
  });

  test.for([
    ['ThrottlingException', 'throttled'],
    ['LimitExceededException', 'throttled'],
    ['AccessDeniedException', 'denied'],
    ['InternalServerError', 'unavailable'],
  ] as const)('%s is a call that failed, whichever it was: %s', async ([name, reason]) => {
    const { finder } = await answered(() => awsError(name));

    const calls = [finder.listTables(null), finder.describeTable('a'), finder.tagsOf('a'), finder.isReadable('a')];
    for (const outcome of calls) expect(await outcome).toMatchObject({ kind: 'failed', reason });
  });
});

describe('a stream', () => {
  test('is asked for with its view type, and nothing is waited for', async () => {
    const { finder, requests } = await answered(() => ({ TableDescription: { TableStatus: 'UPDATING' } }));

    expect(await finder.enableStream('orders', 'KEYS_ONLY')).toEqual({ kind: 'asked' });
    expect(requests.map(({ body }) => JSON.parse(body))).toEqual([
      { TableName: 'orders', StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } },
    ]);
  });

  test.for([
    ['ResourceInUseException', 'Attempt to change a resource which is still in use', 'asked'],
    ['ValidationException', 'Table already has an enabled stream: TableName: orders', 'asked'],
    ['ValidationException', 'the table cannot have a stream', 'refused'],
    ['AccessDeniedException', 'not authorized to perform: dynamodb:UpdateTable', 'refused'],
    ['LimitExceededException', 'Too many operations for a given subscriber', 'failed'],
    ['InternalServerError', 'try again', 'failed'],
  ] as const)('that is met with %s, %s, is %s', async ([name, message, kind]) => {
    const { finder } = await answered(() => awsError(name, { message }));

    expect(await finder.enableStream('orders', 'KEYS_ONLY')).toMatchObject({ kind });
  });

  test.for([
    ['ENABLED', true],
    ['ENABLING', false],
    ['DISABLED', false],
  ] as const)('that is %s can be read: %s', async ([StreamStatus, isReadable]) => {
    const { finder } = await answered(() => ({ StreamDescription: { StreamStatus } }));

    expect(await finder.isReadable(STREAM_ARN)).toBe(isReadable);
  });
});

test('on DynamoDB Local, which knows no tags, a table that is made anew is another one', async () => {
  const engine = await sharedDynamoDbLocal();
  const finder = tableFinder(engine);
  const { tableName, streamArn } = await createStreamedTable(engine.dynamodb);
  const before = await finder.describeTable(tableName);
  await engine.dynamodb.send(new DeleteTableCommand({ TableName: tableName }));
  await engine.dynamodb.send(new CreateTableCommand(stateTableDefinition(tableName)));

  const after = await finder.describeTable(tableName);

  expect(before).toMatchObject({ kind: 'table', table: { stream: { arn: streamArn } } });
  expect(after).toMatchObject({ kind: 'table', table: { status: 'ACTIVE', stream: null } });
  expect(before.kind === 'table' && after.kind === 'table' && before.table.tableId !== after.table.tableId).toBe(true);
  expect(await finder.tagsOf('arn:aws:dynamodb:us-east-1:000000000000:table/x')).toEqual({ kind: 'tags', tags: {} });
  expect(await finder.describeTable(uniqueName('none'))).toEqual({ kind: 'none' });
});

describe('the registry in the state table', () => {
  const row: RegistryRow = {
    ...{ kind: 'table', revision: 0, region: 'eu-west-1', tableName: 'prod-a', tableId: 'life-1' },
    ...{ state: 'active', reason: 'it matches', foundAtMs: 1, sinceMs: 1, stream: null },
  };
  const aRegistry = async () => {
    const engine = await sharedDynamoDbLocal();
    return dynamodbTableRegistry({ client: engine.dynamodb, tableName: await createStateTable(engine) });
  };

  test('keeps what was written on the revision that was read, and nothing else', async () => {
    const registry = await aRegistry();

    expect(await registry.put('tenants', row, null)).toBe(true);
    expect(await registry.put('tenants', { ...row, reason: 'other' }, null)).toBe(false);
    expect(await registry.put('tenants', { ...row, revision: 1, state: 'broken' }, 0)).toBe(true);
    expect(await registry.put('tenants', { ...row, revision: 1, state: 'vanished' }, 0)).toBe(false);

    expect(await registry.rows('tenants')).toEqual([{ ...row, revision: 1, state: 'broken' }]);
    expect(await registry.rows('others')).toEqual([]);
  });

  test('takes a write that it finds done for its own, whose answer was lost', async () => {
    const registry = await aRegistry();
    await registry.put('tenants', row, null);

    expect(await registry.put('tenants', row, null)).toBe(true);
  });
});
