import { expect, test } from 'vitest';
import { STREAMING } from '../../../shared/core/phase.ts';
import type { Source } from '../../../shared/core/ports.ts';
import type { TableExport } from '../../../shared/core/table-export.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import type { ScanPorts } from '../../../shared/walker/context.ts';
import { runSource } from '../../../shared/walker/run-source.ts';

const of = (name: string): Source => ({ name }) as unknown as Source;
const table: ScanPorts = { tableBytes: async () => 0, source: () => of('table') };
const ports = { source: of('stream'), clock: simulatedClock() };
const withExport = (arn: string): ScanPorts => ({
  ...table,
  export: { found: async () => ({ arn }) as TableExport, source: () => of(arn) },
});
const phase = { ...STREAMING, run: 4, segments: 1 };
const begunWithA = { ...phase, export: { arn: 'arn:a', asOfMs: 0 } };

test('a run reads what it began with, whatever is named since', async () => {
  expect(await runSource(ports, withExport('arn:a'), begunWithA)).toEqual({ name: 'arn:a' });
  expect(await runSource(ports, withExport('arn:a'), phase)).toMatchObject({ name: 'table' });
});

test.each([
  ['another', withExport('arn:b'), 'got arn:b'],
  ['none any more', table, 'got nothing'],
])('a run does not go on with half of its export when %s is named', async (_, scan, got) => {
  await expect(runSource(ports, scan, begunWithA)).rejects.toThrow(
    `bootstrap.export must be arn:a while run 4 goes on, which began with it, ${got}: name it again, or end the run with millrace repair --cancel`,
  );
});
