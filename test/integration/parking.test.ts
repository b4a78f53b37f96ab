import { randomBytes, randomUUID } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamodbState } from '../../shared/aws/dynamodb-state.ts';
import { dynamodbStreamsSource } from '../../shared/aws/dynamodb-streams-source.ts';
import { systemClock } from '../../shared/clock.ts';
import { parkingTableDefinition } from '../../shared/core/parking.ts';
import { stateTableDefinition } from '../../shared/core/state-row.ts';
import { changeHandler } from '../../shared/handler.ts';
import { inProcessSink } from '../../shared/in-process-sink.ts';
import { discardParked, parkedItems, parkingPorts, parkingTable, redriveEvent } from '../../shared/parking.ts';
import { parseWalkRequest } from '../../shared/request.ts';
import { walk } from '../../shared/walker.ts';
import { capturedLog } from '../shared/handler/captured-log.ts';
import { clients, createStreamedTable } from '../support/dynamodb-local.ts';
import { type RollingDynamoDbLocal, startRollingDynamoDbLocal } from '../support/dynamodb-local-rollover.ts';

interface Item {
  readonly id: string;
  readonly version: number;
}

let engine: RollingDynamoDbLocal;

beforeAll(async () => {
  engine = await startRollingDynamoDbLocal();
}, 60_000);
afterAll(() => engine?.stop());

const until = async (condition: () => Promise<boolean> | boolean) => {
  for (const endAtMs = Date.now() + 30_000; Date.now() < endAtMs; ) {
    if (await condition()) return;
    await systemClock.sleep(50);
  }
  throw new Error('it did not come true within 30 s');
};

/** A table with a stream, a walker on it, and a handler that cannot take the items in `poison`. */
async function aWalkedTable() {
  const { dynamodb, streams } = clients(engine.endpoint);
  const { tableName } = await createStreamedTable(dynamodb);
  const [stateTable, parkedTable] = [`state-${randomUUID()}`, `parked-${randomUUID()}`];
  await dynamodb.send(new CreateTableCommand(stateTableDefinition(stateTable)));
  await dynamodb.send(new CreateTableCommand(parkingTableDefinition(parkedTable)));
  const poison = new Set<string>();
  const accepted: Item[] = [];
  const take = ({ newImage: item }: { readonly newImage: Item }) => {
    if (poison.has(item.id)) throw new Error(`cannot take ${item.id}`);
    accepted.push(item);
  };
  const location = { client: dynamodb, tableName: parkedTable, subscription: 'items' };
  const log = capturedLog();
  const handler = changeHandler<Item>(
    { insert: take, modify: take },
    { parking: parkingTable({ ...location, attempts: 2 }), logger: log.logger() },
  );
  const stop = new AbortController();
  const request = parseWalkRequest({
    format: 1,
    pipeline: 'test',
    subscription: 'items',
    stateTable,
    source: { kind: 'table', tableName, region: 'us-east-1' },
    handler: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:items', timeoutMs: 10_000 },
    worker: 0,
    workers: 1,
    batchSize: 5,
    keepAwake: true,
  });
  const ports = {
    source: dynamodbStreamsSource({ dynamodb, streams, tableName }),
    state: dynamodbState({ client: dynamodb, tableName: stateTable }),
    sink: inProcessSink(handler),
    clock: systemClock,
    report: () => undefined,
    random: Math.random,
    newId: randomUUID,
  };
  const walking = walk(request, ports, {
    deadlineMs: Date.now() + 15 * 60_000,
    pageBytes: 64 * 1024 * 1024,
    stop: stop.signal,
  });
  const parking = parkingPorts(location);
  return {
    poison,
    log,
    handler,
    parking,
    versionsOf: (id: string) => accepted.filter((item) => item.id === id).map(({ version }) => version),
    accepted,
    write: (id: string, version: number, more = {}) => put(dynamodb, tableName, { id, version, ...more }),
    rows: async () => {
      const rows: string[] = [];
      for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: parkedTable })) {
        rows.push(...Items.map(({ sk }) => sk?.S ?? ''));
      }
      return rows;
    },
    end: async () => {
      stop.abort();
      await walking;
    },
  };
}

const put = (client: DynamoDBClient, TableName: string, item: { id: string; version: number; noise?: Uint8Array }) =>
  client.send(
    new PutItemCommand({
      TableName,
      Item: {
        id: { S: item.id },
        version: { N: String(item.version) },
        ...(item.noise && { noise: { B: item.noise } }),
      },
    }),
  );

test('poison waits alone on DynamoDB Local, through a roll-over, until it is redriven', async () => {
  const table = await aWalkedTable();
  const { poison, write, parking, versionsOf, handler, accepted } = table;
  poison.add('bad').add('worse');

  for (let version = 1; version <= 4; version += 1) {
    for (const id of ['good', 'bad', 'fine', 'worse']) await write(id, version);
    if (version === 2) await engine.rollOver();
  }
  await until(() => versionsOf('good').length === 4 && versionsOf('fine').length === 4);
  await until(async () => (await parkedItems(parking.store)).reduce((sum, { changes }) => sum + changes, 0) === 8);
  const parked = await parkedItems(parking.store);
  expect(versionsOf('good')).toEqual([1, 2, 3, 4]);
  expect(accepted.map(({ id }) => id)).not.toContain('bad');
  expect(parked.map(({ changes, error }) => [changes, error]).toSorted()).toEqual([
    [4, 'Error: cannot take bad'],
    [4, 'Error: cannot take worse'],
  ]);

  poison.delete('bad');
  const { redrive } = await handler(redriveEvent());
  expect(redrive).toMatchObject({ redriven: 4, freed: 1, failed: [{ error: 'Error: cannot take worse' }] });
  expect(versionsOf('bad')).toEqual([1, 2, 3, 4]);

  await write('bad', 5);
  await until(() => versionsOf('bad').length === 5);
  const [worse] = await parkedItems(parking.store);
  expect(await discardParked(parking, worse!.item)).toMatchObject({ changes: 4, isFree: true });
  await write('worse', 5);
  poison.clear();
  await until(async () => versionsOf('worse').length === 1 || (await parkedItems(parking.store)).length === 1);
  await handler(redriveEvent());

  expect(versionsOf('worse')).toEqual([5]);
  expect(await table.rows()).toEqual([]);
  await table.end();
}, 120_000);

test('a parked change of two images that fill an item comes back whole, byte for byte', async () => {
  const table = await aWalkedTable();
  const { poison, write, parking, handler, versionsOf } = table;
  poison.add('large');
  const large = new Uint8Array(randomBytes(390_000));

  await write('large', 1, { noise: large });
  await write('large', 2, { noise: large.toReversed() });
  await until(async () => (await parkedItems(parking.store))[0]?.changes === 2);
  const [item] = await parkedItems(parking.store);
  const marker = await parking.store.marker(item!.item);
  const change = await parking.store.change(marker!, 2);

  expect(change?.record).toMatchObject({
    dynamodb: {
      NewImage: { noise: { B: Buffer.from(large.toReversed()).toString('base64') } },
      OldImage: { noise: { B: Buffer.from(large).toString('base64') } },
    },
  });
  expect((await table.rows()).filter((sk) => sk.startsWith('chunk#')).length).toBeGreaterThan(3);
  poison.clear();
  await handler(redriveEvent());
  expect(versionsOf('large')).toEqual([1, 2]);
  expect(await table.rows()).toEqual([]);
  await table.end();
}, 120_000);
