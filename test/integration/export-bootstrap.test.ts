import {
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { dynamodbState } from '../../shared/aws/dynamodb-state.ts';
import { exportBucket } from '../../shared/aws/export-bucket.ts';
import { exportedTable } from '../../shared/aws/exported-table.ts';
import { tableScan } from '../../shared/aws/table-scan-source.ts';
import { systemClock } from '../../shared/clock.ts';
import { attributesAsJson } from '../../shared/core/attribute-json.ts';

import type { ChangeEvent, EventRecord, RawItem } from '../../shared/core/record.ts';
import { versionOf } from '../../shared/core/version.ts';
import { tableExports } from '../../shared/export-scan.ts';
import { requestRun } from '../../shared/operations.ts';
import { HOUR, MINUTE } from '../support/durations.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { createStateTable, requestInput, startWalk, until } from '../support/integration/walk-runner.ts';
import { objectStore } from '../support/object-store.ts';
import { exportObjects, PLACE } from '../support/table-export.ts';

/**
 * A table with items that was exported, and walks of it that begin with that export. Its time lies a minute ahead, because
 * a stream has to be on for a minute before an export.
 */
async function anExportedTable(ageMs = -61_000) {
  const engine = await sharedDynamoDbLocal();
  const { dynamodb } = engine;
  const { tableName } = await createStreamedTable(dynamodb);
  const stateTable = await createStateTable(engine);
  const put = (item: number, round: number) =>
    dynamodb.send(
      new PutItemCommand({ TableName: tableName, Item: { id: { S: `item-${item}` }, round: { N: `${round}` } } }),
    );
  for (let item = 0; item < 300; item++) await put(item, 0);
  const { Table: table } = await dynamodb.send(new DescribeTableCommand({ TableName: tableName }));
  const store = await objectStore();
  const exported = [...(await content(dynamodb, tableName)).values()];
  const asOfMs = Date.now() - ageMs;
  const files = [exported.slice(0, 170), [], exported.slice(170)];
  const told = { tableArn: table?.TableArn ?? '', tableId: table?.TableId ?? '', asOfMs, files };
  for (const [key, object] of exportObjects(told)) store.objects.set(key, object);

  const bootstrap = { export: PLACE };
  const request = requestInput(stateTable, tableName, { leaseDurationMs: 1_000, bootstrap });
  const scan = {
    ...tableScan({ client: dynamodb, tableName, clock: systemClock, request: { workers: 1 } }),
    export: tableExports({
      place: PLACE,
      objects: exportBucket({ place: PLACE, client: store.client }),
      table: exportedTable({ client: dynamodb, tableName }),
      clock: systemClock,
    }),
  };
  const records: EventRecord[] = [];
  const handler = async ({ Records }: ChangeEvent) => void records.push(...Records);
  return {
    dynamodb,
    tableName,
    put,
    remove: (item: number) =>
      dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { id: { S: `item-${item}` } } })),
    records,
    state: dynamodbState({ client: dynamodb, tableName: stateTable }),
    start: () => startWalk({ engine, request, handler, ports: { scan } }),
  };
}

/** The whole table, item by item. */
async function content(client: DynamoDBClient, TableName: string): Promise<ReadonlyMap<string, RawItem>> {
  const items = new Map<string, RawItem>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    for (const item of Items) items.set(JSON.stringify({ id: item.id }), attributesAsJson(item));
  }
  return items;
}

/** What a sink that knows nothing of versions has, and one that keeps the greatest. */
function sinks(records: readonly EventRecord[]) {
  const plain = new Map<string, RawItem>();
  const newest = new Map<string, { readonly version: string; readonly item: RawItem | undefined }>();
  for (const record of records) {
    if (record.dynamodb.Keys === undefined) continue;
    const id = JSON.stringify(record.dynamodb.Keys);
    const item = record.eventName === 'REMOVE' ? undefined : record.dynamodb.NewImage;
    if (item === undefined) plain.delete(id);
    else plain.set(id, item);
    const version = versionOf(record, 0);
    if (version > (newest.get(id)?.version ?? '')) newest.set(id, { version, item });
  }
  const kept = [...newest].flatMap(([id, { item }]): [string, RawItem][] => (item === undefined ? [] : [[id, item]]));
  return { plain, versioned: new Map(kept) };
}

const kindsOf = (records: readonly EventRecord[]) =>
  records.map(({ eventName }) => eventName).filter((name, index, all) => name !== all[index - 1]);

test('a bootstrap from an export ends with the content of the table, though it changed since', async () => {
  const { dynamodb, tableName, put, remove, records, start, state } = await anExportedTable();
  for (let item = 0; item < 40; item++) await put(item, 1);
  for (let item = 40; item < 60; item++) await remove(item);
  for (let item = 50; item < 55; item++) await put(item, 2);
  for (let item = 300; item < 310; item++) await put(item, 1);

  const walk = start();
  const expected = await content(dynamodb, tableName);
  await until(
    () => sinks(records).plain.size === expected.size && kindsOf(records).includes('REMOVE'),
    () => `${records.length} records, ${JSON.stringify(kindsOf(records))}`,
  );
  await walk.stop();

  expect(kindsOf(records).slice(0, 3)).toEqual(['SNAPSHOT_STARTED', 'SNAPSHOT', 'SNAPSHOT_COMPLETE']);
  expect(records.filter(({ eventName }) => eventName === 'SNAPSHOT')).toHaveLength(300);
  expect(sinks(records)).toEqual({ plain: expected, versioned: expected });
  expect((await state.pointer('orders'))?.phase).toMatchObject({ run: 1, isRunDone: true, segments: 3, slice: 1 });
}, 60_000);

test('an export that is too old begins nothing, and says what to do', async () => {
  const { records, start, state } = await anExportedTable(24 * HOUR);

  const walk = start();
  const { reason } = await walk.done;

  expect(reason).toBe('failed');
  expect(walk.events).toContainEqual(
    expect.objectContaining({ kind: 'state-failed', message: expect.stringContaining('at most 23 hours old') }),
  );
  expect(await state.pointer('orders')).toBeNull();
  expect(records).toEqual([]);
}, 60_000);

test('an export from before the stream was turned on begins no run', async () => {
  const { records, start, state } = await anExportedTable(10 * MINUTE);

  const walk = start();
  await walk.done;

  expect(walk.events).toContainEqual(
    expect.objectContaining({
      kind: 'state-failed',
      message: expect.stringContaining('the stream must have been on a minute before'),
    }),
  );
  expect((await state.pointer('orders'))?.phase).toMatchObject({ run: 0, wantedRun: 1 });
  expect(records).toEqual([]);
}, 60_000);

test('a repair run after it scans the table, whose items are newer', async () => {
  const { records, put, start, state } = await anExportedTable();
  const first = start();
  await until(
    () => kindsOf(records).includes('SNAPSHOT_COMPLETE'),
    () => `${records.length} records`,
  );
  await first.stop();
  await put(0, 7);
  const delivered = start();
  await until(
    () => kindsOf(records).includes('MODIFY'),
    () => `${records.length} records`,
  );
  await delivered.stop();
  const before = records.length;
  await requestRun({ state, clock: systemClock }, 'orders');

  const second = start();
  await until(
    () => kindsOf(records.slice(before)).includes('SNAPSHOT_COMPLETE'),
    () => `${records.length} records`,
  );
  await second.stop();

  const item = records
    .slice(before)
    .find(({ dynamodb }) => dynamodb.Keys?.id && JSON.stringify(dynamodb.Keys.id) === '{"S":"item-0"}');
  expect(item?.dynamodb.NewImage?.round).toEqual({ N: '7' });
  expect((await state.pointer('orders'))?.phase).not.toHaveProperty('export');
}, 60_000);
