import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  TransactWriteItemsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { parkingTableStore } from '../../../shared/aws/parking-table.ts';
import { parkingTableDefinition } from '../../../shared/core/parking.ts';
import { advancedTo, begunBy, joinedBy, lastOf } from '../../../shared/core/parking-queue.ts';
import { awsEndpoint } from '../../support/aws-endpoint.ts';
import { clients, sharedDynamoDbLocal, uniqueName } from '../../support/dynamodb-local.ts';
import { aRecord, parkingScenarios } from '../../support/parking-scenarios.ts';

let client: DynamoDBClient;
const tableName = uniqueName('parking');

beforeAll(async () => {
  const { dynamodb } = await sharedDynamoDbLocal();
  client = dynamodb;
  await client.send(new CreateTableCommand(parkingTableDefinition(tableName)));
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: tableName });
}, 60_000);

const storeOf = (subscription: string) => parkingTableStore({ client, tableName, subscription });

parkingScenarios(async () => storeOf(uniqueName('subscription')), uniqueName);

/** Every item, page by page: a change may be larger than a page. */
async function allItems() {
  const items: Record<string, AttributeValue>[] = [];
  const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}

const rows = async (subscription: string) => {
  const items = await allItems();
  return items.filter(({ pk }) => pk?.S?.includes(subscription)).map(({ sk }) => sk?.S ?? '');
};

const LARGE = { id: 'a', noise: randomBytes(390 * 1024) };

/** An item with one parked change. */
async function parked(subscription: string, record = aRecord(), item = uniqueName('item')) {
  const store = storeOf(subscription);
  const arrival = { item, record, error: 'Error: poison', nowMs: 1 };
  const marker = begunBy(arrival, uniqueName('queue'), null);
  const change = lastOf(marker, arrival);
  await store.park(null, marker, change);
  return { store, marker, change, arrival };
}

test('one subscription does not see what another parks', async () => {
  const { marker } = await parked(uniqueName('subscription'));

  const other = storeOf(uniqueName('subscription'));

  expect(await other.marker(marker.item)).toBeNull();
  expect((await other.markers(10, null)).markers).toEqual([]);
});

test('a large payload is in rows of its own before the marker names it', async () => {
  const subscription = uniqueName('subscription');
  const names: string[] = [];
  const send = client.send.bind(client);
  const watching = Object.assign(Object.create(client), {
    send: (command: { constructor: { name: string } }) => {
      names.push(command.constructor.name);
      return send(command as Parameters<typeof send>[0]);
    },
  });
  const store = parkingTableStore({ client: watching, tableName, subscription });
  const arrival = { item: uniqueName('item'), record: aRecord(LARGE), error: 'Error', nowMs: 1 };
  const marker = begunBy(arrival, uniqueName('queue'), null);

  await store.park(null, marker, lastOf(marker, arrival));

  expect(names).toEqual([PutItemCommand.name, PutItemCommand.name, TransactWriteItemsCommand.name]);
  expect((await rows(subscription)).filter((sk) => sk.startsWith('chunk#'))).toHaveLength(2);
});

test('the chunks of a change go when it is settled', async () => {
  const subscription = uniqueName('subscription');
  const { store, marker, arrival } = await parked(subscription, aRecord(LARGE));
  const next = joinedBy(marker);
  const second = lastOf(next, { ...arrival, record: aRecord() });
  await store.park(marker, next, second);
  const read = await store.change(next, 1);

  await store.settle(next, advancedTo(next, second), read!);

  expect((await rows(subscription)).filter((sk) => sk.startsWith('chunk#'))).toEqual([]);
});

test('an item that is free leaves no row behind, not even of writes that were refused', async () => {
  const subscription = uniqueName('subscription');
  const { store, marker, change, arrival } = await parked(subscription, aRecord(LARGE));
  const stale = { ...marker, revision: 7 };
  const next = joinedBy(stale);
  await store.park(stale, next, lastOf(next, { ...arrival, record: aRecord(LARGE) }));
  expect((await rows(subscription)).filter((sk) => sk.startsWith('chunk#'))).toHaveLength(4);

  await store.settle(marker, null, change);

  expect(await rows(subscription)).toEqual([]);
});

test('a change whose chunks are not all there is an error that names it', async () => {
  const subscription = uniqueName('subscription');
  const { store, marker } = await parked(subscription, aRecord(LARGE));
  const items = await allItems();
  const chunk = items.find(({ pk, sk }) => pk?.S?.includes(subscription) && sk?.S?.startsWith('chunk#'));
  await client.send(
    new PutItemCommand({ TableName: tableName, Item: { pk: chunk!.pk!, sk: { S: `${chunk!.sk!.S}9` } } }),
  );

  await expect(store.change(marker, 1)).rejects.toThrow(/parked change 1 must have 2 chunks .* got 3/);
});

test('a row of a newer format is refused, and named', async () => {
  const subscription = uniqueName('subscription');
  const { store, marker } = await parked(subscription);
  const items = await allItems();
  const item = items.find(({ pk }) => pk?.S === `parked#${subscription}`);
  await client.send(new PutItemCommand({ TableName: tableName, Item: { ...item, format: { N: '2' } } }));

  await expect(store.marker(marker.item)).rejects.toThrow(
    /of the parking table has format 2, and this release of Millrace reads formats up to 1/,
  );
});

test('a row that is not what Millrace writes is refused, and its field named', async () => {
  const subscription = uniqueName('subscription');
  const { store, marker } = await parked(subscription);
  const items = await allItems();
  const item = items.find(({ pk }) => pk?.S === `parked#${subscription}`)!;
  const broken = { M: { ...item.marker!.M, next: { S: 'two' } } };
  await client.send(new PutItemCommand({ TableName: tableName, Item: { ...item, marker: broken } }));

  await expect(store.marker(marker.item)).rejects.toThrow(/is malformed: marker.next must be a whole number/);
});

test('a table that is not there is named in the error', async () => {
  const store = parkingTableStore({ client, tableName: 'nowhere', subscription: 'orders' });

  await expect(store.markers(1, null)).rejects.toThrow(/the parking table nowhere cannot be used: ResourceNotFound/);
});

test('a write whose first answer was lost is known by what it wrote', async () => {
  const { marker } = await parked(uniqueName('subscription'));
  const next = { ...marker, revision: 2, lease: { owner: 'me', untilMs: 9 } };
  let written = '';
  const { endpoint } = await awsEndpoint(({ body }) => {
    written = JSON.stringify((JSON.parse(body) as { Item: object }).Item);
    return {
      status: 400,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":${written}}`,
    };
  });
  const { dynamodb } = clients(endpoint);
  const store = parkingTableStore({ client: dynamodb, tableName, subscription: 'orders' });

  expect(await store.update(marker, next)).toBe(true);
});
