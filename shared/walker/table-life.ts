import { covers } from '../core/found-table.ts';
import type { CurrentStream, Source } from '../core/ports.ts';
import type { Pointer } from '../core/subscription.ts';
import type { TableFinder } from '../core/table-ports.ts';
import { type TableRow, tableSubscription, type WantedStream } from '../core/table-registry.ts';
import { tableStart } from '../core/table-request.ts';
import type { TablesRequest, WalkRequest } from '../request.ts';

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
 * The request of a table's own subscription. A table that is over is asked no more for its items: another of its name may
 * be there by now. So a run that goes on is withdrawn, and never ends for the handler: that would sweep what it had not
 * scanned yet.
 */
export function lifeRequest(request: TablesRequest, row: TableRow, pattern: Pointer): WalkRequest {
  const { bootstrap, ...rest } = request;
  return {
    ...rest,
    subscription: tableSubscription(request.subscription, row),
    source: { kind: 'table', tableName: row.tableName, region: row.region, roleArn: request.source.roleArn },
    start: tableStart(request.start, pattern, bootstrap !== undefined),
    worker: 0,
    workers: 1,
    ...(bootstrap && (row.state === 'active' || row.state === 'waiting') && { bootstrap }),
  };
}
