import { covers, type FoundTable } from './found-table.ts';
import type { StreamIdentity } from './ports.ts';
import type { StreamViewType } from './record.ts';
import type { ControlRow, Pointer, StreamRow } from './subscription.ts';
import type { TableVerdict } from './table-pattern.ts';

/**
 * What becomes of a table that a pattern has found.
 *
 * - `waiting`: it is being created, or its stream turned on. - `active`: its changes are read. - `broken`: a person has
 * to do something; looked at again with every listing. - `unmatched`: it matches no more; its positions are kept.
 * - `vanished`: it is deleted, and its stream read to the end. - `drained`: that is done.
 */
export type TableState = 'waiting' | 'active' | 'broken' | 'unmatched' | 'vanished' | 'drained';

/** One life of one table, as a pattern's subscription knows it. */
export interface TableRow {
  readonly revision: number;
  readonly region: string;
  readonly tableName: string;
  readonly tableId: string;
  readonly state: TableState;
  /** Why it is in this state, or why it matches, for a person. */
  readonly reason: string;
  readonly foundAtMs: number;
  /** Since when it is in this state. */
  readonly sinceMs: number;
  /** The last stream that could be read; `null` before there was one, and once it is read to its end for good. */
  readonly stream: StreamIdentity | null;
}

/** What a table's stream has to be. */
export interface WantedStream {
  /** Whether one that is off is turned on, or expected to be on. */
  readonly streams: 'enable' | 'expect';
  /** Records must hold what this view type has; any will do when left out. */
  readonly viewType?: StreamViewType | undefined;
}

/** A look at a table that is there. */
export interface TableLook {
  readonly known: TableRow | null;
  readonly region: string;
  readonly table: FoundTable;
  readonly verdict: TableVerdict;
  readonly wanted: WantedStream;
  /** Whether the stream itself, if there is one, says that it can be read. */
  readonly isReadable: boolean;
  readonly nowMs: number;
}

export interface TableMeeting {
  /** The row from now on; `null` where there is none to be: it never matched. */
  readonly row: TableRow | null;
  /** Whether its stream is to be turned on now. */
  readonly isEnableDue: boolean;
}

/** What a table that was just described becomes. */
export function meetTable(look: TableLook): TableMeeting {
  const { known, region, table, verdict, nowMs } = look;
  const isNone = known === null && (!verdict.matches || table.status === 'DELETING');
  if (isNone) return { row: null, isEnableDue: false };
  const { isEnableDue = false, ...stands } = standing(look);
  const { tableName, tableId, stream } = table;
  const first = { revision: 0, region, tableName, tableId, foundAtMs: nowMs, sinceMs: nowMs, stream: null, ...stands };
  const row = moved(known ?? first, stands, nowMs);
  if (row.state !== 'active' || stream === null) return { row, isEnableDue };
  return { row: { ...row, stream: { arn: stream.arn, createdAtMs: stream.createdAtMs } }, isEnableDue };
}

type Standing = Pick<TableRow, 'state' | 'reason'> & { readonly isEnableDue?: boolean };

function standing({ known, table, verdict, wanted, isReadable }: TableLook): Standing {
  if (!verdict.matches) return { state: 'unmatched', reason: `it ${verdict.why}` };
  const { status, stream } = table;
  switch (status) {
    case 'CREATING':
      return { state: 'waiting', reason: 'it is being created' };
    case 'DELETING':
      return { state: known?.stream ? 'vanished' : 'drained', reason: 'it is being deleted' };
    case 'ACTIVE':
    case 'UPDATING':
      break;
    default:
      return { state: 'broken', reason: `its status is ${status}` };
  }
  if (stream === null && wanted.streams === 'expect') {
    return { state: 'broken', reason: 'it has no stream, and the subscription does not turn streams on' };
  }
  if (stream === null) {
    const isEnableDue = status === 'ACTIVE';
    return { state: 'waiting', reason: 'its stream is being turned on', isEnableDue };
  }
  if (wanted.viewType !== undefined && !covers(stream.viewType, wanted.viewType)) {
    const reason = `its stream has the view type ${stream.viewType}, and ${wanted.viewType} is asked for: a stream's view type cannot be changed; turn it off, and on again with ${wanted.viewType}`;
    return { state: 'broken', reason };
  }
  if (!isReadable) return { state: 'waiting', reason: 'its stream is being turned on' };
  return { state: 'active', reason: `it ${verdict.why}` };
}

/** A table that is not there any more, or is there again as another one; what matched no more is not read to its end. */
export function missTable(row: TableRow, reason: string, nowMs: number): TableRow {
  if (row.state !== 'unmatched' && row.stream !== null) return moved(row, { state: 'vanished', reason }, nowMs);
  return { ...moved(row, { state: 'drained', reason }, nowMs), stream: null };
}

/** A table that something is wrong with. */
export const breakTable = (row: TableRow, reason: string, nowMs: number): TableRow =>
  moved(row, { state: 'broken', reason }, nowMs);

/** A table that matches no more. */
export const unmatchTable = (row: TableRow, reason: string, nowMs: number): TableRow =>
  moved(row, { state: 'unmatched', reason }, nowMs);

/** A table of whose known streams nothing is left to read. */
export function drainTable(row: TableRow, nowMs: number): TableRow {
  if (row.state !== 'vanished') return { ...row, stream: null };
  return { ...moved(row, { state: 'drained', reason: row.reason }, nowMs), stream: null };
}

function moved(row: TableRow, next: Pick<TableRow, 'state' | 'reason'>, nowMs: number): TableRow {
  return { ...row, ...next, sinceMs: row.state === next.state ? row.sinceMs : nowMs };
}

/** Whether something of a table is to be read: of one that is not active, what its last good stream still holds. */
export const isWalked = (row: TableRow): boolean =>
  row.state === 'active' || (row.state !== 'unmatched' && row.state !== 'drained' && row.stream !== null);

/** Half of what a stream keeps: a life that cannot be read must not cost the next one its changes. */
const LONGEST_WAIT_MS = 12 * 60 * 60 * 1000;

/**
 * Whether a life of a table waits until one before it is read to its end: of an item of both, no older change is to come
 * after a newer one.
 */
export function awaitsFormer(row: TableRow, rows: readonly TableRow[], nowMs: number): boolean {
  if (nowMs - row.foundAtMs >= LONGEST_WAIT_MS) return false;
  return rows.some(
    (other) =>
      other.state === 'vanished' &&
      other.stream !== null &&
      other.foundAtMs < row.foundAtMs &&
      other.tableName === row.tableName &&
      other.region === row.region,
  );
}

/** Whether a life of a table is over: nothing can happen to its row any more but that it is drained. */
export const isOver = (row: TableRow): boolean => row.state === 'vanished' || row.state === 'drained';

/** Whether a subscription's own rows say that every stream of a table, its last one among them, is read to its end. */
export function hasReadAll(control: readonly ControlRow[], row: TableRow): boolean {
  const pointer = control.find((one): one is Pointer => one.kind === 'pointer');
  const streams = control.filter(
    (one): one is StreamRow => one.kind === 'stream' && one.run === undefined && one.generation === pointer?.generation,
  );
  const isMet = row.stream === null || streams.some(({ stream }) => stream.arn === row.stream?.arn);
  return isMet && streams.every((stream) => stream.isDrained);
}

/** What distinguishes a table's life among the rows of its pattern. */
export const tableKey = ({ region, tableName, tableId }: Pick<TableRow, 'region' | 'tableName' | 'tableId'>): string =>
  `${region}/${tableName}/${tableId}`;

/** The name of the subscription that reads one life of one table: it has positions of its own. */
export const tableSubscription = (pattern: string, row: Pick<TableRow, 'region' | 'tableName' | 'tableId'>): string =>
  `${pattern}/${tableKey(row)}`;
