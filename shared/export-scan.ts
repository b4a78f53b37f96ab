import { MillraceError } from './core/errors.ts';
import type { Clock, Opened, Page, Source } from './core/ports.ts';
import type { Position } from './core/position.ts';
import type { RawItem } from './core/record.ts';
import { scanPart, scanShards, streamArnOf } from './core/scan.ts';
import { completeRecord, snapshotRecord, startedRecord } from './core/snapshot-record.ts';
import {
  checkTable,
  type ExportObjects,
  type ExportPlace,
  exportFolder,
  filesOfSegment,
  type TableExport,
  tableExport,
} from './core/table-export.ts';
import { segmentLines } from './export-lines.ts';
import type { ExportPorts } from './walker/context.ts';

export interface ExportScanOptions {
  readonly objects: ExportObjects;
  readonly found: () => Promise<TableExport>;
  /** The names of the attributes of the table's key. */
  readonly keyNames: () => Promise<readonly string[]>;
  readonly clock: Clock;
  /** How many segments the run has: each is some of the export's files. */
  readonly segments: number;
  readonly run: number;
}

/** An export, and the table that it should be of. */
export interface TableExportsOptions {
  readonly place: ExportPlace;
  readonly objects: ExportObjects;
  readonly table: () => Promise<{ readonly arn: string; readonly id: string; readonly keyNames: readonly string[] }>;
  readonly clock: Clock;
}

/** What a bootstrap reads of an export: its manifests once, then its files. */
export function tableExports({ place, objects, table, clock }: TableExportsOptions): ExportPorts {
  const read = async () => {
    const [summary, described] = await Promise.all([objects.text(place.manifest), table()]);
    const found = tableExport(place, summary, await objects.text(`${exportFolder(place)}manifest-files.json`));
    checkTable(found, described, place);
    return { found, keyNames: described.keyNames };
  };
  let known: ReturnType<typeof read> | null = null;
  const once = (): ReturnType<typeof read> => {
    known ??= read().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  const found = async () => (await once()).found;
  const keyNames = async () => (await once()).keyNames;
  return { found, source: (run, segments) => exportScanSource({ objects, found, keyNames, clock, segments, run }) };
}

/** What goes on where: after how many items of the segment. */
interface ExportIterator {
  readonly shardId: string;
  readonly ordinal: number;
}

/** The lines of a segment, as far as they have been read. */
interface OpenSegment {
  ordinal: number;
  readonly lines: AsyncGenerator<string>;
}

const ITERATOR_LIFETIME_MS = 24 * 60 * 60 * 1000;
const PAGE_ITEMS = 500;
const PAGE_CHARACTERS = 1_000_000;

/**
 * Hands over the items of an export as the records of a run: its beginning, its segments, its end.
 *
 * A segment's position is the number of its items that are settled. A walk that goes on there reads the file again from
 * its beginning, because a gzipped file cannot be entered in the middle, and skips those lines.
 */
export function exportScanSource(options: ExportScanOptions): Source {
  const { clock, segments, run } = options;
  const open = new Map<string, OpenSegment>();

  const linesFrom = async (segment: number, ordinal: number): Promise<OpenSegment> => {
    const files = filesOfSegment((await options.found()).files, segment, segments);
    return { ordinal, lines: segmentLines(options.objects, files, ordinal) };
  };

  const readPage = async (streamArn: string, { shardId, ordinal }: ExportIterator, segment: number): Promise<Page> => {
    const known = open.get(shardId);
    const current = known?.ordinal === ordinal ? known : await linesFrom(segment, ordinal);
    // What fails is read anew.
    open.delete(shardId);
    const names = await options.keyNames();
    const records = [];
    let characters = 0;
    let isEnded = false;
    while (records.length < PAGE_ITEMS && characters < PAGE_CHARACTERS) {
      const line = await current.lines.next();
      if (line.done) {
        isEnded = true;
        break;
      }
      characters += line.value.length;
      current.ordinal++;
      const place = { streamArn, run, shardId, ordinal: current.ordinal, nowMs: clock.nowMs() };
      records.push(snapshotRecord(itemOf(line.value), names, place));
    }
    if (isEnded) return { kind: 'page', records, next: null };
    open.set(shardId, current);
    return { kind: 'page', records, next: JSON.stringify({ shardId, ordinal: current.ordinal }) };
  };

  return {
    iteratorLifetimeMs: ITERATOR_LIFETIME_MS,
    retentionMs: Number.POSITIVE_INFINITY,
    current: async () => ({ kind: 'no-stream', message: 'an export is no stream' }),
    listShards: async () => ({ kind: 'page', shards: scanShards(segments), next: null, open: false }),
    childrenOf: async () => ({ kind: 'unsupported' }),
    open: async (_stream, shardId, position): Promise<Opened> => ({
      kind: 'opened',
      iterator: JSON.stringify({ shardId, ordinal: ordinalOf(position) }),
    }),
    read: async (stream, text): Promise<Page> => {
      const iterator = JSON.parse(text) as ExportIterator;
      const part = scanPart(iterator.shardId);
      const streamArn = streamArnOf(stream);
      if (part?.kind === 'segment') return readPage(streamArn, iterator, part.segment);
      const record = part?.kind === 'complete' ? completeRecord : startedRecord;
      const records = iterator.ordinal > 0 ? [] : [record({ streamArn, run, nowMs: clock.nowMs() })];
      return { kind: 'page', records, next: null };
    },
  };
}

const ordinalOf = (position: Position): number => (position.at === 'after-item' ? position.ordinal : 0);

function itemOf(line: string): RawItem {
  const { Item: item } = JSON.parse(line) as { readonly Item?: RawItem };
  if (item !== undefined) return item;
  throw new MillraceError('invalid-record', `a line of an export must have an Item, got ${line.slice(0, 200)}`);
}
