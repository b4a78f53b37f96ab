import { DeleteTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { tableScan } from '../../shared/aws/table-scan-source.ts';
import type { ChangeEvent } from '../../shared/core/record.ts';
import type { ScanPorts } from '../../shared/walker/context.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { quickClock } from '../support/integration/quick-clock.ts';
import { createStateTable, eventsOf, requestInput, startWalk } from '../support/integration/walk-runner.ts';

const MINUTE = 60_000;
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:orders';

test('a table that is made anew while it is scanned has its items in a run of its own, and the old run never ends', async () => {
  const { walk, delivered } = await aTableMadeAnew();

  await walk.reaches(() => delivered.includes('new: INSERT made-anew'));
  await walk.stop();

  expect(delivered.filter((record) => record.includes('SNAPSHOT'))).toEqual([
    'old: SNAPSHOT_STARTED 1',
    'new: SNAPSHOT_STARTED 2',
    'new: SNAPSHOT made-anew',
    'new: SNAPSHOT_COMPLETE 2',
  ]);
  expect(delivered.indexOf('old: INSERT written')).toBeLessThan(delivered.indexOf('new: SNAPSHOT_STARTED 2'));
  expect(eventsOf(walk.events, 'source-failed')[0]?.message).toContain("is not the table's stream any more");
  expect((await walk.state.pointer('orders'))?.phase).toMatchObject({ run: 2, wantedRun: 2, isRunDone: true });
}, 120_000);

/** A walk of a table that is deleted and created again between its run's beginning and the first page. */
async function aTableMadeAnew() {
  const engine = await sharedDynamoDbLocal();
  const { dynamodb } = engine;
  const { tableName, streamArn } = await createStreamedTable(dynamodb);
  const stateTable = await createStateTable(engine);
  const clock = quickClock(40);
  const put = (id: string) => dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: id } } }));
  const delivered: string[] = [];
  const handler = ({ Records }: ChangeEvent) => {
    for (const { eventName, eventID, eventSourceARN, dynamodb: change } of Records) {
      const life = eventSourceARN === streamArn ? 'old' : 'new';
      const what = Object.values(change.Keys?.id ?? {})[0] ?? /^run-(\d+):/.exec(eventID)?.[1] ?? '';
      delivered.push(`${life}: ${eventName} ${what}`);
    }
    return { batchItemFailures: [] };
  };
  const makeAnew = async (): Promise<void> => {
    await dynamodb.send(new DeleteTableCommand({ TableName: tableName }));
    await createStreamedTable(dynamodb, tableName);
    await put('made-anew');
  };
  let made: Promise<void> | null = null;
  const plain = tableScan({ client: dynamodb, tableName, clock, request: { workers: 1 } });
  const scan: ScanPorts = {
    ...plain,
    source: (run, segments) => {
      const source = plain.source(run, segments);
      const read: typeof source.read = async (stream, iterator) => {
        if (iterator.includes('segment')) {
          made ??= makeAnew();
          await made;
        }
        return source.read(stream, iterator);
      };
      return { ...source, read };
    },
  };
  const request = requestInput(stateTable, tableName, {
    bootstrap: { segments: 1 },
    // The walk's clock is ahead of the engine's, to which LATEST would be in the future.
    start: { at: 'trim-horizon' },
    // Long enough for a busy machine in spite of the clock's speed.
    leaseDurationMs: 15 * MINUTE,
    deliveryMarginMs: 5 * MINUTE,
    handler: { functionArn: FUNCTION_ARN, timeoutMs: 5 * MINUTE },
  });
  await put('written');
  const walk = startWalk({ engine, request, handler, clock, ports: { scan }, walkMs: 120 * MINUTE });
  return { walk, delivered };
}
