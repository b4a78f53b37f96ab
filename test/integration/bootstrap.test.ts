import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { dynamodbState } from '../../shared/aws/dynamodb-state.ts';
import { tableScan } from '../../shared/aws/table-scan-source.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ChangeEvent, EventRecord } from '../../shared/core/record.ts';
import { loadRunProgress, loadSubscription } from '../../shared/operations.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { createStateTable, requestInput, startWalk, until } from '../support/integration/walk-runner.ts';

const ITEMS = 400;
/** Enough that each segment has several pages of a megabyte. */
const FILLER = 'x'.repeat(10_000);

/** A sink that knows nothing of versions: the newest arrival counts. */
function plainSink() {
  const items = new Map<string, string>();
  const kinds: string[] = [];
  const phases: string[] = [];
  let scanned = 0;
  return {
    items,
    kinds,
    phases,
    scanned: () => scanned,
    apply: ({ eventName, dynamodb }: EventRecord): void => {
      if (kinds.at(-1) !== eventName) kinds.push(eventName);
      const kind = eventName.startsWith('SNAPSHOT') ? 'scan' : 'stream';
      if (phases.at(-1) !== kind) phases.push(kind);
      if (eventName === 'SNAPSHOT') scanned++;
      const id = JSON.stringify(dynamodb.Keys);
      if (eventName === 'REMOVE') items.delete(id);
      else if (dynamodb.NewImage) items.set(id, JSON.stringify(dynamodb.NewImage));
    },
  };
}

test('a plain sink ends with the content of the table, though it is written and walks end while it is scanned', async () => {
  const engine = await sharedDynamoDbLocal();
  const { dynamodb } = engine;
  const { tableName } = await createStreamedTable(dynamodb);
  const stateTable = await createStateTable(engine);
  await Promise.all(Array.from({ length: ITEMS }, (_, item) => put(dynamodb, tableName, item, -1)));
  // At this rate the scan takes several slices, also where the machine is busy.
  const bootstrap = { segments: 2, sliceMs: 1_000, readUnitsPerSecond: 100 };
  // The engine cuts times to the minute: a start at the present would pass over what is written now.
  const beginning = { at: 'trim-horizon' } as const;
  const request = requestInput(stateTable, tableName, { leaseDurationMs: 1_000, bootstrap, start: beginning });
  const sink = plainSink();
  const handler = async ({ Records }: ChangeEvent) => {
    for (const record of Records) sink.apply(record);
    await sleep(2);
  };
  const scan = tableScan({ client: dynamodb, tableName, clock: systemClock, request: { workers: 1, bootstrap } });
  const start = () => startWalk({ engine, request, handler, ports: { scan } });

  let walk = start();
  const writing = writeAtRandom(dynamodb, tableName, () => sink.kinds.includes('SNAPSHOT_COMPLETE'));
  for (const share of [0.2, 0.6]) {
    await until(
      () => sink.scanned() >= ITEMS * share,
      () => `${sink.scanned()} items were scanned`,
    );
    await walk.stop();
    walk = start();
  }
  await until(
    () => sink.kinds.includes('SNAPSHOT_COMPLETE'),
    () => `${sink.scanned()} items were scanned`,
  );
  await writing;
  const expected = await content(dynamodb, tableName);
  await until(
    () => isSame(sink.items, expected),
    () => differences(sink.items, expected),
  );
  await walk.stop();

  const state = dynamodbState({ client: dynamodb, tableName: stateTable });
  const ports = { state, clock: systemClock };
  const progress = await loadRunProgress(
    ports,
    request.subscription,
    (await loadSubscription(state, request.subscription))!,
  );
  const scanned = progress?.items ?? 0;

  expect(progress).toMatchObject({ run: 1, state: 'complete', segments: 2, segmentsDone: 2, expectedItems: scanned });
  // What was repeated counts once: every item that was there all the time, and of the others at most those that came.
  expect(scanned).toBeLessThanOrEqual(Math.min(sink.scanned(), ITEMS * 1.2));
  expect(scanned).toBeGreaterThan(ITEMS / 2);
  expect(sink.kinds[0]).toBe('SNAPSHOT_STARTED');
  expect(sink.kinds.filter((kind) => kind === 'SNAPSHOT_COMPLETE')).toHaveLength(1);
  expect(sink.kinds.lastIndexOf('SNAPSHOT')).toBeLessThan(sink.kinds.indexOf('SNAPSHOT_COMPLETE'));
  expect(sink.phases.slice(0, 3)).toEqual(['scan', 'stream', 'scan']);
  expect(progress?.slice).toBeGreaterThan(1);
}, 90_000);

const put = (dynamodb: DynamoDBClient, TableName: string, item: number, round: number) =>
  dynamodb.send(
    new PutItemCommand({
      TableName,
      Item: { id: { S: `item-${item}` }, round: { N: String(round) }, filler: { S: FILLER } },
    }),
  );

/** Puts and deletes in bursts until it is told to end, over existing items and new ones. */
async function writeAtRandom(dynamodb: DynamoDBClient, TableName: string, isOver: () => boolean): Promise<void> {
  for (let round = 0; !isOver(); round++) {
    const item = Math.floor(Math.random() * ITEMS * 1.2);
    if (Math.random() < 0.4) {
      await dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: { S: `item-${item}` } } }));
    } else {
      await put(dynamodb, TableName, item, round);
    }
    // Catching up ends with ten empty pages here, because the engine cuts the records' times to the minute.
    await sleep(round % 100 === 99 ? 4_000 : 5);
  }
}

/** The whole table, page by page. */
async function content(dynamodb: DynamoDBClient, TableName: string): Promise<ReadonlyMap<string, string>> {
  const items = new Map<string, string>();
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true })) {
    for (const item of Items) items.set(JSON.stringify({ id: item.id }), JSON.stringify(item));
  }
  return items;
}

const isSame = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => sorted(b.get(key)) === sorted(value));

const sorted = (text: string | undefined): string =>
  text === undefined ? '' : JSON.stringify(Object.entries(JSON.parse(text)).sort());

const differences = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string =>
  [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => sorted(a.get(key)) !== sorted(b.get(key)))
    .map((key) => `${key}: ${a.get(key)?.slice(0, 60)} instead of ${b.get(key)?.slice(0, 60)}`)
    .join('\n');
