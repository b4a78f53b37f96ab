import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../shared/core/errors.ts';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import type { TableExport } from '../../../shared/core/table-export.ts';
import type { ScanPorts } from '../../../shared/walker/context.ts';
import { runBeginning } from '../../../shared/walker/run-beginning.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';
import { aLease } from '../../support/shards.ts';

const AS_OF = 100 * HOUR;
const NOW = AS_OF + HOUR;
const file = { key: 'file', items: 4, md5: '' };
const found: TableExport = {
  arn: 'arn:export',
  tableArn: 'arn:table',
  tableId: 'id',
  asOfMs: AS_OF,
  items: 12,
  files: [file, file, file],
};
const unread = {
  start: { at: 'time', momentMs: AS_OF - 5 * MINUTE } as const,
  streamCreatedAtMs: AS_OF - HOUR,
  rows: [aLease()],
};
const delivered = { ...unread, rows: [aLease({ lastRecordAtMs: AS_OF + MINUTE })] };

const notRead = () => {
  throw new Error('not read here');
};
const scanOf = (read: () => Promise<TableExport>): ScanPorts => ({
  tableBytes: async () => 3_000_000_000,
  tableItems: async () => 70,
  source: notRead,
  export: { found: read, source: notRead },
});
const run = (number: number): Phase => ({
  ...STREAMING,
  kind: 'scanning',
  run: number,
  beganAtMs: NOW,
  endsAtMs: NOW + HOUR,
});

describe('a run begins', () => {
  test('with the export in one slice, a file a segment, where nothing was delivered since', async () => {
    const phase = await runBeginning(
      {},
      scanOf(async () => found),
      run(1),
      unread,
    );

    expect(phase).toMatchObject({ segments: 3, expectedItems: 12, export: { arn: 'arn:export', asOfMs: AS_OF } });
    expect(phase.endsAtMs).toBeGreaterThan(NOW + 24 * HOUR);
  });

  test('not at all, where it is the first and its export cannot serve', async () => {
    const begin = runBeginning(
      {},
      scanOf(async () => found),
      run(1),
      delivered,
    );

    await expect(begin).rejects.toThrow('of a time from which on no change was delivered yet');
  });

  test.each([
    ['an export that is too old for it', async () => found],
    ['an export that is gone', () => Promise.reject(new MillraceError('invalid-request', 'gone'))],
  ])('from the table, where it is a later one and has %s', async (_, read) => {
    const phase = await runBeginning({}, scanOf(read), run(2), delivered);

    expect(phase).toMatchObject({ segments: 3, expectedItems: 70, endsAtMs: NOW + HOUR });
    expect(phase).not.toHaveProperty('export');
  });

  test('later, where its export cannot be reached now', async () => {
    const begin = runBeginning(
      {},
      scanOf(() => Promise.reject(new Error('no answer'))),
      run(2),
      unread,
    );

    await expect(begin).rejects.toThrow('no answer');
  });

  test('from the table without a count, where that cannot be had', async () => {
    const { export: _none, ...table } = scanOf(async () => found);

    const phase = await runBeginning(
      {},
      { ...table, tableItems: () => Promise.reject(new Error('no')) },
      run(1),
      unread,
    );

    expect(phase).toMatchObject({ segments: 3 });
    expect(phase).not.toHaveProperty('expectedItems');
  });
});
