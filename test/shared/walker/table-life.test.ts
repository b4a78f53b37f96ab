import { describe, expect, test } from 'vitest';
import type { TableRow, WantedStream } from '../../../shared/core/table-registry.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { lifeScan, lifeSource } from '../../../shared/walker/table-life.ts';
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

test('nothing of a table that is over is scanned: its name may be another table’s', async () => {
  const { table, row } = await aLife();
  const opened: string[] = [];
  const scan = {
    tableBytes: async () => 7,
    source: () => ({
      ...table.source,
      open: async (_stream: unknown, shardId: string) => {
        opened.push(shardId);
        return { kind: 'opened', iterator: 'x' } as const;
      },
    }),
  };
  const open = (changes: Partial<TableRow>, shardId: string) =>
    lifeScan(scan, { ...row, ...changes })
      .source(1, 2)
      .open({ arn: 'scan', createdAtMs: 0 }, shardId, { at: 'trim-horizon' });

  expect(await open({}, 'segment-1-of-2')).toMatchObject({ kind: 'opened' });
  expect(await open({ state: 'vanished' }, 'segment-1-of-2')).toEqual({ kind: 'gone' });
  expect(opened).toEqual(['segment-1-of-2']);
});
