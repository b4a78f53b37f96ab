import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { tableScan } from '../../shared/aws/table-scan-source.ts';
import type { ChangeEvent } from '../../shared/core/record.ts';
import type { ChangeHandler } from '../../shared/handler.ts';
import { requestRun } from '../../shared/operations/run-request.ts';
import { runHandler } from '../../shared/testing/index.ts';
import { HOUR } from '../support/durations.ts';
import { createStreamedTable, uniqueName } from '../support/dynamodb-local.ts';
import { type RollingDynamoDbLocal, startRollingDynamoDbLocal } from '../support/dynamodb-local-rollover.ts';
import { quickClock } from '../support/integration/quick-clock.ts';
import { rollingDatabase } from '../support/integration/rolling-database.ts';
import { createStateTable, eventsOf, requestInput, startWalk, until } from '../support/integration/walk-runner.ts';
import { PATIENT } from '../support/integration/walked-source.ts';

let rolling: RollingDynamoDbLocal;

beforeAll(async () => {
  for (const how of ['log', 'warn'] as const) vi.spyOn(console, how).mockImplementation(() => undefined);
  rolling = await startRollingDynamoDbLocal();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rolling.stop();
});

/** The handler of functions/replicate.ts, into a new table of this database. */
async function replicateInto({ dynamodb, accessKeyId }: ReturnType<typeof rollingDatabase>) {
  const { tableName } = await createStreamedTable(dynamodb, uniqueName('replica'));
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', rolling.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('TARGET_REGION', 'us-east-1');
  vi.stubEnv('TARGET_TABLE', tableName);
  const { handler }: { readonly handler: ChangeHandler } = await import('../../functions/replicate.ts');
  return { handler, replica: () => content(dynamodb, tableName) };
}

test('items that are deleted and changed inside a gap are right again after a repair run, and the rest stays as it is', async () => {
  const source = rollingDatabase(rolling);
  const { dynamodb } = source;
  const { tableName } = await createStreamedTable(dynamodb);
  const { handler, replica } = await replicateInto(rollingDatabase(rolling));
  const engine = rollingDatabase(rolling);
  const stateTable = await createStateTable(engine);
  const clock = quickClock(10);
  const put = (item: number, round: number) =>
    dynamodb.send(
      new PutItemCommand({ TableName: tableName, Item: { id: { S: `item-${item}` }, round: { N: String(round) } } }),
    );
  const remove = (item: number) =>
    dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { id: { S: `item-${item}` } } }));
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  const arrived: string[] = [];
  const request = requestInput(stateTable, tableName, {
    ...PATIENT,
    ...{ keepAwake: true, bootstrap: { segments: 2 }, start: { at: 'trim-horizon' } },
  });
  const scan = tableScan({ client: dynamodb, tableName, clock, request: { workers: 1 } });
  const start = () =>
    startWalk({
      ...{ engine, source, request, clock, ports: { scan } },
      handler: async (event: ChangeEvent) => {
        const { retried } = await runHandler(handler, event);
        if (retried.length > 0) throw new Error(`${retried.length} changes failed`);
        arrived.push(...event.Records.map(({ eventName }) => eventName));
      },
    });
  const isRunDone = (events: Parameters<typeof eventsOf>[0], run: number) =>
    eventsOf(events, 'phase-changed').some((event) => event.isRunDone && event.run === run);
  await Promise.all(numbers(0, 30).map((item) => put(item, 0)));
  await start().until((events) => isRunDone(events, 1));
  const bootstrapped = await replica();
  expect(bootstrapped).toEqual(await content(dynamodb, tableName));

  await Promise.all(numbers(0, 10).map(remove));
  await Promise.all(numbers(10, 20).map((item) => put(item, 1)));
  await Promise.all(numbers(30, 35).map((item) => put(item, 1)));
  await rolling.dilate(25 * HOUR);
  clock.putForward(25 * HOUR);
  await put(20, 2);
  await remove(21);
  const walk = start();
  await until(
    () => arrived.includes('GAP') && arrived.includes('REMOVE'),
    () => `there came ${arrived.join(', ')}`,
  );
  const damaged = await replica();
  const asked = await requestRun({ state: walk.state, clock }, request.subscription);
  await walk.until((events) => isRunDone(events, 2));

  expect(asked).toEqual({ kind: 'done', run: 2 });
  expect(differing(damaged, await content(dynamodb, tableName))).toHaveLength(25);
  expect(differing(await replica(), await content(dynamodb, tableName))).toEqual([]);
  expect(await replica()).toHaveProperty('size', 24);
}, 120_000);

/** The table's items by id, without what a replica keeps for itself. */
async function content(client: DynamoDBClient, TableName: string): Promise<ReadonlyMap<string, string>> {
  const items = new Map<string, string>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    for (const { millraceVersion: _version, ...item } of Items) {
      if (!item.millraceDeleted) items.set(item.id?.S ?? '', item.round?.N ?? '');
    }
  }
  return items;
}

const differing = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((id) => a.get(id) !== b.get(id));
