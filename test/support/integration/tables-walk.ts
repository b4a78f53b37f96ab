import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  PutItemCommand,
  type StreamViewType,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { onTestFinished } from 'vitest';
import { dynamodbState } from '../../../shared/aws/dynamodb-state.ts';
import { dynamodbStreamsSource } from '../../../shared/aws/dynamodb-streams-source.ts';
import { dynamodbTableRegistry } from '../../../shared/aws/dynamodb-table-registry.ts';
import { tableFinder } from '../../../shared/aws/table-finder.ts';
import { tableScan } from '../../../shared/aws/table-scan-source.ts';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import type { TableRow } from '../../../shared/core/table-registry.ts';
import type { WalkEvent, WalkSummary } from '../../../shared/core/walk-event.ts';
import { inProcessSink } from '../../../shared/in-process-sink.ts';
import { isForTables, parseWalkRequest, type WalkRequestInput } from '../../../shared/request.ts';
import { walkTables } from '../../../shared/tables-walker.ts';
import type { ScanPorts } from '../../../shared/walker/context.ts';
import { sharedDynamoDbLocal } from '../dynamodb-local.ts';
import { quickClock } from './quick-clock.ts';
import { createStateTable, requestInput, until } from './walk-runner.ts';

/** How much faster than the machine's the walks' clock runs: a minute is three seconds. */
const SPEED = 20;
const REGION = 'us-east-1';

type TablesSource = Extract<WalkRequestInput['source'], { readonly kind: 'tables' }>;

/** Tables whose names begin alike and like no other test's, and walks of them that remember what they delivered. */
export async function patternOfTables(
  changes: Partial<WalkRequestInput> = {},
  source: Partial<TablesSource> = {},
  /** Waited for before a segment is read. */
  beforeScan: () => Promise<void> = async () => undefined,
) {
  const engine = await sharedDynamoDbLocal();
  const { dynamodb } = engine;
  const stateTable = await createStateTable(engine);
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  const clock = quickClock(SPEED);
  const state = dynamodbState({ client: dynamodb, tableName: stateTable });
  const registry = dynamodbTableRegistry({ client: dynamodb, tableName: stateTable });
  const arrived: string[] = [];
  const tagsOf = new Map<string, Record<string, string>>();
  const handler = ({ Records }: ChangeEvent) => {
    for (const { eventName, eventSourceARN, dynamodb: change } of Records) {
      const [, table = ''] = /:table\/([^/]+)\//.exec(eventSourceARN) ?? [];
      const id = Object.values(change.Keys?.id ?? {})[0];
      arrived.push(`${table.replace(prefix, '')} ${id ?? eventName}`);
    }
    return { batchItemFailures: [] };
  };
  const request = parseWalkRequest(
    requestInput(stateTable, 'unused', {
      source: { kind: 'tables', include: [`${prefix}*`], regions: [REGION], ...source },
      subscription: 'tenants',
      keepAwake: true,
      ...changes,
    }),
  );
  if (!isForTables(request)) throw new Error('the request is not for tables');

  const start = (worker = 0) => {
    const stop = new AbortController();
    const events: WalkEvent[] = [];
    const common = { state, clock, random: Math.random, newId: randomUUID };
    const ports = {
      ...common,
      registry,
      report: (event: WalkEvent) => void events.push(event),
      finder: () => ({
        ...tableFinder(engine),
        // DynamoDB Local has none.
        tagsOf: async (arn: string) => ({ kind: 'tags', tags: tagsOf.get(arn.split('/').at(-1) ?? '') ?? {} }) as const,
      }),
      table: (own: typeof request, row: TableRow, report: (event: WalkEvent) => void) => ({
        ...common,
        source: dynamodbStreamsSource({ ...engine, tableName: row.tableName }),
        sink: inProcessSink(handler),
        report,
        ...(own.bootstrap && {
          scan: scanAfter(tableScan({ client: dynamodb, tableName: row.tableName, clock, request: own }), beforeScan),
        }),
      }),
    };
    const limits = { deadlineMs: clock.nowMs() + 15 * 60_000, pageBytes: 64 * 1_048_576, stop: stop.signal };
    const done = walkTables({ ...request, worker }, ports as Parameters<typeof walkTables>[1], limits);
    const end = (): Promise<WalkSummary> => {
      stop.abort();
      return done;
    };
    onTestFinished(async () => void (await end()));
    return { events, done, stop: end };
  };

  const rows = async (): Promise<readonly TableRow[]> =>
    (await registry.rows('tenants')).filter((row) => row.kind === 'table');
  return {
    ...{ engine, dynamodb, state, stateTable, registry, prefix, clock, arrived, start, rows },
    create: async (
      name: string,
      view: StreamViewType | null = 'NEW_AND_OLD_IMAGES',
      tags: Record<string, string> = {},
    ) => {
      const TableName = prefix + name;
      tagsOf.set(TableName, tags);
      await dynamodb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          ...(view && { StreamSpecification: { StreamEnabled: true, StreamViewType: view } }),
        }),
      );
      await waitUntilTableExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName });
    },
    remove: async (name: string) => {
      const TableName = prefix + name;
      await dynamodb.send(new DeleteTableCommand({ TableName }));
      await waitUntilTableNotExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName });
    },
    put: (name: string, id: string) =>
      dynamodb.send(new PutItemCommand({ TableName: prefix + name, Item: { id: { S: id }, at: { S: randomUUID() } } })),
    /** What has become of a table, its lives in the order in which they were found. */
    statesOf: async (name: string) =>
      (await rows())
        .filter((row) => row.tableName === prefix + name)
        .toSorted((a, b) => a.foundAtMs - b.foundAtMs)
        .map(({ state: one }) => one),
    comes: (...changes: readonly string[]) =>
      until(
        () => changes.every((change) => arrived.includes(change)),
        () => `there came ${arrived.join(', ') || 'nothing'}`,
      ),
    becomes: async (name: string, ...states: readonly string[]) => {
      const now = async () =>
        (await rows())
          .filter((row) => row.tableName === prefix + name)
          .toSorted((a, b) => a.foundAtMs - b.foundAtMs)
          .map((row) => row.state);
      let seen: readonly string[] = [];
      await until(
        async () => {
          seen = await now();
          return seen.join() === states.join();
        },
        () => `${name} was ${seen.join(', ') || 'not there'}`,
      );
    },
  };
}

const scanAfter = (scan: ScanPorts, before: () => Promise<void>): ScanPorts => ({
  ...scan,
  source: (run, segments) => {
    const plain = scan.source(run, segments);
    const read: typeof plain.read = async (stream, iterator) => {
      if (iterator.includes('segment')) await before();
      return plain.read(stream, iterator);
    };
    return { ...plain, read };
  },
});
