import { DescribeTableCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { attributesAsJson } from '../core/attribute-json.ts';
import { attributeValues } from '../core/attribute-values.ts';
import type { Clock, Failed, Opened, Page, Source } from '../core/ports.ts';
import type { Position } from '../core/position.ts';
import { payPage, readCapacity, takePage } from '../core/read-capacity.ts';
import type { RawItem } from '../core/record.ts';
import { scanPart, scanShards, streamArnOf } from '../core/scan.ts';
import { completeRecord, snapshotRecord, startedRecord } from '../core/snapshot-record.ts';
import { errorName, failed } from './errors.ts';

export interface TableScanSourceOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
  /** How many segments the run's scan has: 1 to 1,000,000. */
  readonly segments: number;
  readonly run: number;
  /** An eventually consistent read costs half, and may bring an item back whose delete was delivered already. */
  readonly consistentRead: boolean;
  /** Read units a second that this worker may take; none when left out. */
  readonly readUnitsPerSecond?: number;
}

/** What goes on where: the segment's key to start after, and how many of its items came before. */
interface ScanIterator {
  readonly shardId: string;
  readonly after: string | null;
  readonly ordinal: number;
}

/** A scan's iterators do not end; a day is longer than any walk. */
const ITERATOR_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** A walk that is to end waits for its reads; an empty page lets it see that. */
const LONGEST_WAIT_MS = 2_000;

/** Hands over a table's items as the records of a run: its beginning, its segments, its end. */
export function tableScanSource(options: TableScanSourceOptions): Source {
  const { client, tableName, clock, segments, run } = options;
  let keyNames: readonly string[] | null = null;
  let capacity = options.readUnitsPerSecond === undefined ? null : readCapacity(options.readUnitsPerSecond);

  const keys = async (): Promise<readonly string[]> => {
    if (keyNames !== null) return keyNames;
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    keyNames = (table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName ?? '');
    return keyNames;
  };

  /** Reads a page, or none while what was read before is not paid for. */
  const readPage = async (streamArn: string, iterator: ScanIterator, segment: number): Promise<Page> => {
    const names = await keys();
    const turn = capacity && takePage(capacity, clock.nowMs());
    if (turn?.kind === 'wait') {
      await clock.sleep(Math.min(turn.ms, LONGEST_WAIT_MS));
      return { kind: 'page', records: [], next: JSON.stringify(iterator) };
    }
    if (turn) capacity = turn.next;
    const page = await client.send(
      new ScanCommand({
        TableName: tableName,
        Segment: segment,
        TotalSegments: segments,
        ConsistentRead: options.consistentRead,
        ...(turn && { Limit: turn.limit, ReturnConsumedCapacity: 'TOTAL' }),
        ...(iterator.after === null
          ? {}
          : { ExclusiveStartKey: attributeValues(JSON.parse(iterator.after) as RawItem) }),
      }),
    );
    const nowMs = clock.nowMs();
    const units = page.ConsumedCapacity?.CapacityUnits ?? 0;
    if (turn && capacity) capacity = payPage(capacity, turn.booked, units, page.ScannedCount ?? 0);
    const records = (page.Items ?? []).map((item, index) =>
      snapshotRecord(attributesAsJson(item), names, {
        streamArn,
        run,
        shardId: iterator.shardId,
        ordinal: iterator.ordinal + index + 1,
        nowMs,
      }),
    );
    const last = page.LastEvaluatedKey;
    const ordinal = iterator.ordinal + records.length;
    const next: ScanIterator | null = last
      ? { shardId: iterator.shardId, after: JSON.stringify(attributesAsJson(last)), ordinal }
      : null;
    return { kind: 'page', records, next: next && JSON.stringify(next) };
  };

  return {
    iteratorLifetimeMs: ITERATOR_LIFETIME_MS,
    retentionMs: Number.POSITIVE_INFINITY,
    storesPages: true,
    current: async () => ({ kind: 'no-stream', message: 'a scan is no stream' }),
    listShards: async () => ({ kind: 'page', shards: scanShards(segments), next: null, open: false }),
    childrenOf: async () => ({ kind: 'unsupported' }),
    open: async (_stream, shardId, position): Promise<Opened> => ({
      kind: 'opened',
      iterator: JSON.stringify(iteratorAt(shardId, position)),
    }),
    read: async (stream, text): Promise<Page> => {
      const iterator = JSON.parse(text) as ScanIterator;
      const part = scanPart(iterator.shardId);
      const streamArn = streamArnOf(stream);
      if (part?.kind === 'segment') {
        return readPage(streamArn, iterator, part.segment).catch((error: unknown): Page | Failed => {
          if (errorName(error) !== 'ResourceNotFoundException') return failed(error);
          // Not the segment's end: a run that ended without its table would tell a sink to remove everything.
          return { kind: 'failed', reason: 'unavailable', message: `there is no table ${tableName} to scan` };
        });
      }
      const record = part?.kind === 'complete' ? completeRecord : startedRecord;
      const records = iterator.ordinal > 0 ? [] : [record({ streamArn, run, nowMs: clock.nowMs() })];
      return { kind: 'page', records, next: null };
    },
  };
}

const iteratorAt = (shardId: string, position: Position): ScanIterator =>
  position.at === 'after-item'
    ? { shardId, after: position.key === '' ? null : position.key, ordinal: position.ordinal }
    : { shardId, after: null, ordinal: 0 };

/** What a walk needs of a table's scan, as its request says. */
export function tableScan(options: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
  readonly request: { readonly workers: number; readonly bootstrap?: BootstrapOptions | undefined };
}): TableScan {
  const { client, tableName, clock, request } = options;
  const { consistentRead = true, readUnitsPerSecond } = request.bootstrap ?? {};
  const share = readUnitsPerSecond === undefined ? {} : { readUnitsPerSecond: readUnitsPerSecond / request.workers };
  return {
    tableBytes: async () => {
      const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
      return table?.TableSizeBytes ?? 0;
    },
    tableItems: async () => {
      const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
      return table?.ItemCount ?? 0;
    },
    source: (run, segments) => tableScanSource({ client, tableName, clock, segments, run, consistentRead, ...share }),
  };
}

interface BootstrapOptions {
  readonly consistentRead?: boolean;
  readonly readUnitsPerSecond?: number | undefined;
}

/** A table's size and its count of items, both some hours old, and its scan in segments. */
export interface TableScan {
  readonly tableBytes: () => Promise<number>;
  readonly tableItems: () => Promise<number>;
  readonly source: (run: number, segments: number) => Source;
}
