import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { dynamodbState } from '../../shared/aws/dynamodb-state.ts';
import { tableScan } from '../../shared/aws/table-scan-source.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ChangeEvent, EventRecord } from '../../shared/core/record.ts';
import { versionOf } from '../../shared/core/version.ts';
import { requestRun } from '../../shared/operations/run-request.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { createStateTable, requestInput, startWalk, until } from '../support/integration/walk-runner.ts';

test('a second run hands over every item again, above all that the first brought, and lets a sink sweep what is gone', async () => {
  const engine = await sharedDynamoDbLocal();
  const { dynamodb } = engine;
  const { tableName } = await createStreamedTable(dynamodb);
  const stateTable = await createStateTable(engine);
  const put = (id: string) => dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: id } } }));
  for (const id of ['kept', 'lost']) await put(id);
  const bootstrap = { segments: 1 };
  const request = requestInput(stateTable, tableName, { leaseDurationMs: 1_000, keepAwake: true, bootstrap });
  /** Keeps the greatest version of each item, misses every delete as if a gap hid it, and sweeps at a run's end. */
  const sink = new Map<string, string>();
  const completed: number[] = [];
  const apply = (record: EventRecord) => {
    const id = Object.values(record.dynamodb.Keys?.id ?? {})[0];
    const version = versionOf(record, 0);
    if (record.eventName === 'SNAPSHOT_COMPLETE') {
      for (const [item, known] of sink) if (known < version) sink.delete(item);
      completed.push(record.millrace?.run ?? 0);
    } else if (id !== undefined && record.eventName !== 'REMOVE' && (sink.get(id) ?? '') < version) {
      sink.set(id, version);
    }
  };
  const handler = async ({ Records }: ChangeEvent) => {
    for (const record of Records) apply(record);
    return { batchItemFailures: [] };
  };
  const scan = tableScan({ client: dynamodb, tableName, clock: systemClock, request: { workers: 1 } });
  const walk = startWalk({ engine, request, handler, ports: { scan } });
  const completedRuns = (runs: number) =>
    until(
      () => completed.length >= runs,
      () => `the runs ${completed.join(', ')} were completed`,
    );
  await completedRuns(1);
  const first = sink.get('kept') ?? '';
  await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { id: { S: 'lost' } } }));
  await put('new');

  const state = dynamodbState({ client: dynamodb, tableName: stateTable });
  // The run ends in the state a moment after its last record is delivered.
  let asked = await requestRun({ state, clock: systemClock }, request.subscription);
  while (asked.kind === 'already') {
    await systemClock.sleep(100);
    asked = await requestRun({ state, clock: systemClock }, request.subscription);
  }
  await completedRuns(2);
  await walk.stop();

  expect(asked).toEqual({ kind: 'done', run: 2 });
  expect(completed).toEqual([1, 2]);
  expect([...sink.keys()].sort()).toEqual(['kept', 'new']);
  expect((sink.get('kept') ?? '') > first).toBe(true);
}, 60_000);
