import * as v from 'valibot';
import { MillraceError } from './errors.ts';

/** An export of a table to S3, as its manifests tell. */
export interface TableExport {
  readonly arn: string;
  readonly tableArn: string;
  readonly tableId: string;
  /** The point in time that its items are of (epoch milliseconds); give or take a minute. */
  readonly asOfMs: number;
  readonly items: number;
  readonly files: readonly ExportFile[];
}

/** One data file: lines of `{"Item": ...}`, gzipped. */
export interface ExportFile {
  readonly key: string;
  /** How many lines it has. */
  readonly items: number;
  /** Of the gzipped bytes, as base64. */
  readonly md5: string;
}

/** Where an export is: the bucket, and the key of its `manifest-summary.json`. */
export interface ExportPlace {
  readonly bucket: string;
  readonly manifest: string;
}

/** Reads the objects of an export's bucket. */
export interface ExportObjects {
  /**
   * A whole object, as text.
   * @throws MillraceError `invalid-request` when it is not there, or may not be read.
   */
  readonly text: (key: string) => Promise<string>;
  /** An object's bytes, bit by bit, all of one version of it. */
  readonly bytes: (key: string) => AsyncIterable<Uint8Array>;
}

/** What the key of an export's manifest looks like: the prefix that was asked for, if any, then AWS's own names. */
export const MANIFEST_KEY = /^(.*\/)?AWSDynamoDB\/[\w-]+\/manifest-summary\.json$/;

/** The folder of an export: its manifests are in it, and its data files in `data/`. */
export const exportFolder = ({ manifest }: ExportPlace): string => manifest.slice(0, manifest.lastIndexOf('/') + 1);

const summarySchema = v.object({
  exportArn: v.string(),
  tableArn: v.string(),
  tableId: v.string(),
  exportTime: v.pipe(v.string(), v.isoTimestamp()),
  itemCount: v.pipe(v.number(), v.integer(), v.minValue(0)),
  outputFormat: v.string(),
  exportType: v.optional(v.string(), 'FULL_EXPORT'),
});

const fileSchema = v.object({
  itemCount: v.pipe(v.number(), v.integer(), v.minValue(0)),
  md5Checksum: v.string(),
  dataFileS3Key: v.string(),
});

/**
 * Reads an export's manifests: the summary, and the list of files, an object a line. Files are looked for beside the
 * manifests, whatever prefix the list says: so a copied export can be read, too.
 * @throws MillraceError `unsupported` for an export in ION, or an incremental one; `invalid-request` for manifests that
 * are none, or do not agree.
 */
export function tableExport(place: ExportPlace, summaryText: string, filesText: string): TableExport {
  const name = nameOf(place);
  const summary = parsed(summarySchema, summaryText, name);
  if (summary.exportType !== 'FULL_EXPORT') {
    throw new MillraceError(
      'unsupported',
      `bootstrap.export must be a full export, got ${summary.exportType} (${name}): it has no items that did not change`,
    );
  }
  if (summary.outputFormat !== 'DYNAMODB_JSON') {
    throw new MillraceError(
      'unsupported',
      `bootstrap.export must be in the format DYNAMODB_JSON, got ${summary.outputFormat} (${name})`,
    );
  }
  const folder = exportFolder(place);
  const lines = filesText.split('\n').filter((line) => line.trim() !== '');
  const files = lines.map((line): ExportFile => {
    const {
      itemCount: items,
      md5Checksum: md5,
      dataFileS3Key,
    } = parsed(fileSchema, line, `${folder}manifest-files.json`);
    return { key: `${folder}data/${dataFileS3Key.slice(dataFileS3Key.lastIndexOf('/') + 1)}`, items, md5 };
  });
  const items = files.reduce((sum, file) => sum + file.items, 0);
  if (items !== summary.itemCount) {
    throw new MillraceError(
      'invalid-request',
      `the files of the export ${name} must have the ${summary.itemCount} items that its summary tells, got ${items}`,
    );
  }
  const { exportArn: arn, tableArn, tableId, exportTime } = summary;
  return { arn, tableArn, tableId, asOfMs: Date.parse(exportTime), items, files };
}

/** An export's manifest as it is named to people. */
export const nameOf = ({ bucket, manifest }: ExportPlace): string => `s3://${bucket}/${manifest}`;

/** @throws MillraceError `invalid-request` where the export is of another table, or of an earlier one of the same name. */
export function checkTable(
  found: TableExport,
  table: { readonly arn: string; readonly id: string },
  place: ExportPlace,
): void {
  if (found.tableArn === table.arn && found.tableId === table.id) return;
  const [wanted, got] =
    found.tableArn === table.arn
      ? [`${table.arn} as it is now (${table.id})`, `one of that name that was deleted (${found.tableId})`]
      : [table.arn, found.tableArn];
  throw new MillraceError(
    'invalid-request',
    `bootstrap.export must be of the table ${wanted}, got an export of ${got} (${nameOf(place)})`,
  );
}

/** The files of one segment of a run: every nth, so that large and small ones mix. */
export const filesOfSegment = (
  files: readonly ExportFile[],
  segment: number,
  segments: number,
): readonly ExportFile[] => files.filter((_, index) => index % segments === segment);

/** Where in a segment's files reading goes on after so many items: how many whole files, and lines of the next, to skip. */
export function placeAfter(
  files: readonly ExportFile[],
  items: number,
): { readonly file: number; readonly line: number } {
  let line = items;
  let file = 0;
  while (file < files.length && line >= files[file]!.items) line -= files[file++]!.items;
  return { file, line };
}

/** Each segment that is read takes some megabytes of memory. */
const MOST_SEGMENTS = 100;

/** How many segments a run of an export has. */
export const exportSegments = (files: number, wanted: number = MOST_SEGMENTS): number =>
  Math.max(1, Math.min(files, wanted));

function parsed<const S extends v.GenericSchema>(schema: S, text: string, name: string): v.InferOutput<S> {
  const result = v.safeParse(schema, jsonOf(text), { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new MillraceError(
    'invalid-request',
    `${name} must be a manifest of an export: ${v.getDotPath(issue) ?? 'the text'} is ${issue.received}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
