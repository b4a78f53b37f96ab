import { describe, expect, test } from 'vitest';
import type { Source } from '../../../shared/core/ports.ts';
import { scanStream } from '../../../shared/core/scan.ts';
import type { Pointer } from '../../../shared/core/subscription.ts';
import type { TableRow, WantedStream } from '../../../shared/core/table-registry.ts';
import { parseWalkRequest, type TablesRequest } from '../../../shared/request.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { provenScan } from '../../../shared/walker/scan-proof.ts';
import { lifeRequest, lifeSource } from '../../../shared/walker/table-life.ts';
import { simulatedTables } from '../../support/simulated-tables.ts';

/** A table as its row and the account tell of it. */
async function aLife() {
  const tables = simulatedTables(simulatedClock());
  const table = tables.create('prod-a');
  const current = await table.source.current();
  if (current.kind !== 'stream') throw new Error('the table has no stream');
  const row: TableRow = {
    ...{ revision: 0, region: 'eu-west-1', tableName: 'prod-a', tableId: table.tableId },
    ...{ state: 'active', reason: 'it matches', foundAtMs: 0, sinceMs: 0, stream: current.stream },
  };
  const source = (changes: Partial<TableRow> = {}, wanted: WantedStream = { streams: 'expect' }) =>
    lifeSource(table.source, { ...row, ...changes }, wanted, tables.finder.describeTable).current();
  const last = { kind: 'stream', stream: current.stream, open: false } as const;
  return { ...tables, table, row, source, last };
}

describe('the source of one life of a table', () => {
  test('has the stream that the table has now', async () => {
    const { source, row } = await aLife();

    expect(await source()).toEqual({ kind: 'stream', stream: row.stream, open: true });
  });

  test('is never the stream of another table of the same name', async () => {
    const { source, drop, create, last } = await aLife();
    drop('prod-a');
    expect(await source()).toEqual(last);

    create('prod-a');
    expect(await source()).toEqual(last);
  });

  test('asks nothing of a table that is over, and has no stream where none is left', async () => {
    const { source, last, calls } = await aLife();
    calls.length = 0;

    expect(await source({ state: 'vanished' })).toEqual(last);
    expect(await source({ state: 'vanished', stream: null })).toMatchObject({ kind: 'no-table' });
    expect(calls).toEqual([]);
  });

  test('is the last good stream where the new one has not the images that are asked for, or is off', async () => {
    const { source, table, last } = await aLife();
    table.viewType = 'KEYS_ONLY';
    expect(await source({}, { streams: 'expect', viewType: 'NEW_IMAGE' })).toEqual(last);

    table.stream.disable();
    expect(await source()).toEqual(last);
  });

  test('proves nothing where the table cannot be described', async () => {
    const { source, fail } = await aLife();
    fail('describeTable', 'prod-a', 'throttled');

    expect(await source()).toMatchObject({ kind: 'failed', reason: 'throttled' });
  });
});

test('a page of a found table’s scan is not handed over once another table of the name is there', async () => {
  const { row, table, finder, drop, create } = await aLife();
  const page = { kind: 'page', records: [], next: null } as const;
  const plain = { read: async () => page } as Partial<Source> as Source;
  const { current } = lifeSource(table.source, row, { streams: 'expect' }, finder.describeTable);
  const clock = simulatedClock();
  const scan = provenScan(plain, current, clock);
  const read = async () => {
    const reading = scan.read(scanStream(row.stream?.arn ?? '', 1), 'here');
    await clock.advanceBy(1_000);
    return reading;
  };

  expect(await read()).toEqual(page);
  drop('prod-a');
  create('prod-a');
  expect(await read()).toMatchObject({ kind: 'failed' });
  expect(scan.isStreamOver?.()).toBe(true);
});

describe('a table’s own subscription', () => {
  const request = parseWalkRequest({
    ...{ format: 1, pipeline: 'p', subscription: 'tenants', stateTable: 'state', worker: 3, workers: 4 },
    source: { kind: 'tables', include: ['prod-*'], regions: ['eu-west-1'] },
    handler: { functionArn: 'arn:handler', timeoutMs: 1_000 },
    bootstrap: { segments: 2 },
  });
  const pattern: Pointer = {
    kind: 'pointer',
    revision: 0,
    generation: 1,
    start: { at: 'trim-horizon' },
    startedAtMs: 0,
    isPaused: false,
    isPreviousFree: true,
  };

  test('is asked for its items as the pattern says, and is one worker’s', async () => {
    const { row } = await aLife();

    const own = lifeRequest(request as TablesRequest, row, pattern);

    expect(own.bootstrap).toMatchObject({ segments: 2 });
    expect(own.source).toMatchObject({ kind: 'table', tableName: row.tableName });
    expect([own.worker, own.workers, own.deliver]).toEqual([0, 1, ['gap', 'snapshot']]);
  });

  test.each(['vanished', 'broken', 'unmatched'] as const)('is not scanned once its table is %s', async (state) => {
    const { row } = await aLife();

    const own = lifeRequest(request as TablesRequest, { ...row, state }, pattern);

    expect(own).not.toHaveProperty('bootstrap');
    expect(own.deliver).toEqual(['gap', 'snapshot']);
  });
});
