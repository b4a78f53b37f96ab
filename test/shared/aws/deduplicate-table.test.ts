import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { deduplicateTableStore } from '../../../shared/aws/deduplicate-table.ts';
import { deduplicateTableDefinition } from '../../../shared/core/deduplicate.ts';
import { type AwsAnswer, type AwsRequest, awsEndpoint, forward } from '../../support/aws-endpoint.ts';
import { sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';

type Pass = () => Promise<AwsAnswer>;

/** A store on an empty table, seen through `answer` where there is one. */
async function aStore(answer?: (request: AwsRequest, pass: Pass) => AwsAnswer | Promise<AwsAnswer>) {
  const { dynamodb, endpoint } = await sharedDynamoDbLocal();
  const tableName = uniqueName('newest');
  await dynamodb.send(new CreateTableCommand(deduplicateTableDefinition(tableName)));
  const between = answer && (await awsEndpoint((request) => answer(request, () => forward(request, endpoint))));
  const client = between
    ? new DynamoDBClient({
        endpoint: between.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        maxAttempts: 1,
      })
    : dynamodb;
  const options = { client, tableName, keepMs: 3_600_000, nowMs: () => 1_000_000 };
  return {
    dynamodb,
    tableName,
    store: deduplicateTableStore({ ...options, subscription: 'orders' }),
    another: deduplicateTableStore({ ...options, subscription: 'audit' }),
    requests: between?.requests ?? [],
  };
}

const MICROS = 1_720_740_233_012_995;

test('what is kept is read again, item by item and subscription by subscription', async () => {
  const { store, another } = await aStore();

  await store.keep('a', { micros: MICROS, eventIds: ['1', '2'] });

  expect(await store.read(['a', 'b'])).toEqual(new Map([['a', { micros: MICROS, eventIds: ['1', '2'] }]]));
  expect(await another.read(['a'])).toEqual(new Map());
});

test('something older never takes the place of something newer, and is no failure', async () => {
  const { store } = await aStore();
  await store.keep('a', { micros: MICROS, eventIds: ['new'] });

  await store.keep('a', { micros: MICROS - 1, eventIds: ['old'] });
  expect((await store.read(['a'])).get('a')?.eventIds).toEqual(['new']);
  await store.keep('a', { micros: MICROS, eventIds: ['new', 'same time'] });
  expect((await store.read(['a'])).get('a')?.eventIds).toEqual(['new', 'same time']);
});

test('a row is removed by its time to live once the stream cannot bring the change any more', async () => {
  const { store, dynamodb, tableName } = await aStore();

  await store.keep('a', { micros: MICROS, eventIds: ['1'] });

  const { Items } = await dynamodb.send(new ScanCommand({ TableName: tableName }));
  expect(Items?.[0]?.expiresAt).toEqual({ N: '4600' });
});

test('more items than one call takes are read, however long their names are', async () => {
  const { store } = await aStore();
  const items = Array.from({ length: 250 }, (_, index) => `${'x'.repeat(3_000)}${index}`);
  await Promise.all(items.map((item, index) => store.keep(item, { micros: MICROS + index, eventIds: ['1'] })));

  const found = await store.read(items);

  expect(items.map((item) => found.get(item)?.micros)).toEqual(items.map((_item, index) => MICROS + index));
});

test('what DynamoDB leaves unread is asked for again', async () => {
  let isFirst = true;
  const { store, requests } = await aStore(async (request, pass) => {
    if (request.operation !== 'BatchGetItem' || !isFirst) return pass();
    isFirst = false;
    const { RequestItems } = JSON.parse(request.body);
    return { body: JSON.stringify({ Responses: {}, UnprocessedKeys: RequestItems }) };
  });
  await store.keep('a', { micros: MICROS, eventIds: ['1'] });

  expect((await store.read(['a'])).get('a')?.micros).toBe(MICROS);
  expect(requests.filter(({ operation }) => operation === 'BatchGetItem')).toHaveLength(2);
});

test('reads see every write before them', async () => {
  const { store, requests } = await aStore((_request, pass) => pass());

  await store.read(['a']);

  expect(Object.values(JSON.parse(requests[0]!.body).RequestItems)).toMatchObject([{ ConsistentRead: true }]);
});

test('a table that cannot be used is named', async () => {
  const { dynamodb } = await sharedDynamoDbLocal();
  const store = deduplicateTableStore({
    client: dynamodb,
    tableName: 'nowhere',
    subscription: 'orders',
    keepMs: 1,
    nowMs: () => 1,
  });

  await expect(store.read(['a'])).rejects.toThrow(
    /^the table nowhere for deduplication cannot be used: ResourceNotFoundException/,
  );
  await expect(store.keep('a', { micros: 1, eventIds: [] })).rejects.toThrow(/^the table nowhere/);
});
