import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { tableScan } from '../../shared/aws/table-scan-source.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Source } from '../../shared/core/ports.ts';
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

test('a subscription that is given a bootstrap later gets its run then', async () => {
  const { delivered, start, comes, scan } = await aTable();
  const before = start({});
  await comes('INSERT first');
  await before.stop();

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

test('a subscription that loses its bootstrap has no run any more, and begins another when it is given it again', async () => {
  const { put, delivered, start, comes, scan } = await aTable();
  for (let item = 0; item < 20; item++) await put(`item-${item}`);
  const stalled = { ...scan, source: (run: number, segments: number) => onlyBegun(scan.source(run, segments)) };
  const interrupted = start({ bootstrap: BOOTSTRAP }, { scan: stalled });
  await comes('SNAPSHOT_STARTED');
  await interrupted.stop();

  const without = start({});
  await put('later');
  await comes('INSERT later');
  await without.stop();
  const cancelled = await without.state.pointer('orders');
  const again = start({ bootstrap: BOOTSTRAP }, { scan });
  await comes('SNAPSHOT_COMPLETE');
  await again.stop();

  expect(cancelled?.phase).toMatchObject({ kind: 'streaming', run: 1, wantedRun: 1, isRunDone: true });
  expect((await again.state.pointer('orders'))?.phase).toMatchObject({ run: 2, wantedRun: 2 });
  expect(delivered.filter((record) => record === 'SNAPSHOT_STARTED')).toHaveLength(2);
  expect(delivered.filter((record) => record === 'SNAPSHOT_COMPLETE')).toHaveLength(1);
}, 60_000);

test('a worker without a bootstrap delivers no change while others scan', async () => {
  const { put, delivered, start, comes, scan } = await aTable();
  const stalled = { ...scan, source: (run: number, segments: number) => onlyBegun(scan.source(run, segments)) };
  const scanning = start({ bootstrap: BOOTSTRAP, workers: 2, keepAwake: true }, { scan: stalled });
  await comes('SNAPSHOT_STARTED');
  await put('later');

  const { reason } = await start({ worker: 1, workers: 2 }).done;
  await scanning.stop();

  expect(reason).toBe('no-source');
  expect(delivered).not.toContain('INSERT later');
  expect((await scanning.state.pointer('orders'))?.phase).toMatchObject({ kind: 'scanning', run: 1 });
}, 60_000);

/** A scan of which nothing but its beginning is ever read. */
const onlyBegun = (source: Source): Source => ({
  ...source,
  read: async (stream, iterator) =>
    iterator.includes('segment') ? { kind: 'page', records: [], next: iterator } : source.read(stream, iterator),
});
