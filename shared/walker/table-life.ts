import { covers } from '../core/found-table.ts';
import type { CurrentStream, Source } from '../core/ports.ts';
import { scanPart } from '../core/scan.ts';
import type { TableFinder } from '../core/table-ports.ts';
import type { TableRow, WantedStream } from '../core/table-registry.ts';
import type { ScanPorts } from './context.ts';

/**
 * A table's source for one life of the table alone: what was deleted, made anew, or given a stream that is of no use
 * is read as far as its last good stream goes, and no other table of the same name is ever taken for it.
 */
export function lifeSource(
  source: Source,
  row: TableRow,
  wanted: WantedStream,
  describeTable: TableFinder['describeTable'],
): Source {
  const { tableName, tableId, stream: last } = row;
  const ended: CurrentStream =
    last === null
      ? { kind: 'no-table', message: `the table ${tableName} (${tableId}) is not there any more` }
      : { kind: 'stream', stream: last, open: false };
  const current = async (): Promise<CurrentStream> => {
    if (row.state !== 'active') return ended;
    const described = await describeTable(tableName);
    if (described.kind === 'failed') return described;
    if (described.kind === 'none' || described.table.tableId !== tableId) return ended;
    const { stream } = described.table;
    if (stream === null || (wanted.viewType !== undefined && !covers(stream.viewType, wanted.viewType))) return ended;
    return { kind: 'stream', stream: { arn: stream.arn, createdAtMs: stream.createdAtMs }, open: true };
  };
  return { ...source, current };
}

/**
 * A table's scan for one life of the table alone: of a table that is over nothing is scanned, because another of its name
 * may be there by now. What a run had not scanned yet is a gap.
 */
export function lifeScan(scan: ScanPorts, row: TableRow): ScanPorts {
  if (row.state === 'active') return scan;
  const source: ScanPorts['source'] = (run, segments) => {
    const scanned = scan.source(run, segments);
    return {
      ...scanned,
      open: async (stream, shardId, position) =>
        scanPart(shardId)?.kind === 'segment' ? { kind: 'gone' } : scanned.open(stream, shardId, position),
    };
  };
  return { tableBytes: async () => 0, source };
}
