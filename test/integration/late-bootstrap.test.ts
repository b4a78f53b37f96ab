import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { tableScan } from '../../shared/aws/table-scan-source.ts';
import { systemClock } from '../../shared/clock.ts';
import type { State } from '../../shared/core/ports.ts';
import type { ChangeEvent } from '../../shared/core/record.ts';
import type { WalkRequestInput } from '../../shared/request.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { createStateTable, requestInput, startWalk, until } from '../support/integration/walk-runner.ts';

const BOOTSTRAP = { segments: 1 };

/** A table with one item, and walks of it that remember what they delivered. */
async function aTable() {
  const engine = await sharedDynamoDbLocal();
  const { dynamodb } = engine;
  const { tableName } = await createStreamedTable(dynamodb);
  const stateTable = await createStateTable(engine);
  const put = (id: string) => dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: id } } }));
  const delivered: string[] = [];
  const handler = ({ Records }: ChangeEvent) => {
    delivered.push(
      ...Records.map(({ eventName, dynamodb: { Keys } }) =>
        `${eventName} ${Object.values(Keys?.id ?? {})[0] ?? ''}`.trim(),
      ),
    );
    return { batchItemFailures: [] };
  };
  const scan = tableScan({ client: dynamodb, tableName, clock: systemClock, request: { workers: 1 } });
  const start = (changes: Partial<WalkRequestInput>, ports = {}) => {
    const request = { start: { at: 'trim-horizon' }, leaseDurationMs: 1_000, ...changes } as const;
    return startWalk({ engine, handler, request: requestInput(stateTable, tableName, request), ports });
  };
  const comes = (record: string) =>
    until(
      () => delivered.includes(record),
      () => `there came ${delivered.join(', ')}`,
    );
  await put('first');
  return { put, delivered, start, comes, scan };
}

/** As a minute would: until then nobody else lists. */
async function forgetLister(state: State): Promise<void> {
  const lister = (await state.control('orders')).find((row) => row.kind === 'lister');
  if (lister === undefined) throw new Error('nobody has listed');
  await state.putControl('orders', { ...lister, owner: null, revision: lister.revision + 1 }, lister.revision);
}

test('a subscription that is given a bootstrap later gets its run then', async () => {
  const { delivered, start, comes, scan } = await aTable();
  const before = start({});
  await comes('INSERT first');
  await before.stop();
  await forgetLister(before.state);

  const walk = start({ bootstrap: BOOTSTRAP }, { scan });
  await comes('SNAPSHOT_COMPLETE');
  await walk.stop();

  expect(delivered).toEqual(['INSERT first', 'SNAPSHOT_STARTED', 'SNAPSHOT first', 'SNAPSHOT_COMPLETE']);
}, 60_000);

test('a run that nothing scans any more holds no change back', async () => {
  const { put, start, comes, scan } = await aTable();
  const walk = start({ bootstrap: {} }, { scan: { ...scan, tableBytes: () => Promise.reject(new Error('no')) } });
  await walk.reaches((events) => events.some(({ kind }) => kind === 'shards-listed'));
  await walk.stop();

  const without = start({});
  await put('second');
  await comes('INSERT second');
  await without.stop();
}, 60_000);
