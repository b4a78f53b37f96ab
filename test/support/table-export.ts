import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { RawItem } from '../../shared/core/record.ts';

export interface ExportToWrite {
  readonly tableArn: string;
  readonly tableId: string;
  readonly asOfMs: number;
  /** The items of each data file; AWS writes at least one file for a partition, empty ones too. */
  readonly files: readonly (readonly RawItem[])[];
  /** What the summary says besides. */
  readonly summary?: object;
}

export const FOLDER = '2026-Jan/AWSDynamoDB/01769860819000-a1b2c3d4';
export const PLACE = { bucket: 'exports', manifest: `${FOLDER}/manifest-summary.json` };

/**
 * An export as AWS lays it out (docs.aws.amazon.com, S3DataExport.Output): manifests with their checksums, `_started`, and
 * gzipped files of DYNAMODB_JSON lines. Keys in the manifests may come without the prefix, as in AWS's own example.
 */
export function exportObjects(wanted: ExportToWrite): ReadonlyMap<string, Buffer | string> {
  const { tableArn, tableId, asOfMs, files, summary = {} } = wanted;
  const inBucket = FOLDER.slice(FOLDER.indexOf('/') + 1);
  const data = files.map((items, index) => {
    const name = `data/file${index}abcdefghijklmnopqrst.json.gz`;
    return {
      name,
      items: items.length,
      bytes: gzipSync(items.map((Item) => `${JSON.stringify({ Item })}\n`).join('')),
    };
  });
  const list = data.map(({ name, items, bytes }) =>
    JSON.stringify({
      itemCount: items,
      md5Checksum: createHash('md5').update(bytes).digest('base64'),
      etag: `${createHash('md5').update(bytes).digest('hex')}-1`,
      dataFileS3Key: `${inBucket}/${name}`,
    }),
  );
  const time = new Date(asOfMs).toISOString();
  const told = {
    version: '2020-06-30',
    exportArn: `${tableArn}/export/01769860819000-a1b2c3d4`,
    startTime: time,
    endTime: time,
    tableArn,
    tableId,
    exportTime: time,
    s3Bucket: 'exports',
    s3Prefix: '2026-Jan',
    s3SseAlgorithm: 'AES256',
    s3SseKmsKeyId: null,
    manifestFilesS3Key: `${inBucket}/manifest-files.json`,
    billedSizeBytes: 0,
    itemCount: files.flat().length,
    outputFormat: 'DYNAMODB_JSON',
    exportType: 'FULL_EXPORT',
    ...summary,
  };
  const texts: readonly [string, string][] = [
    ['manifest-summary.json', JSON.stringify(told)],
    ['manifest-files.json', `${list.join('\n')}\n`],
  ];
  return new Map<string, Buffer | string>([
    [`${FOLDER}/_started`, ''],
    ...texts.map(([name, text]): [string, string] => [`${FOLDER}/${name}`, text]),
    ...texts.map(([name, text]): [string, string] => [
      `${FOLDER}/${name.replace('.json', '.checksum')}`,
      createHash('md5').update(text).digest('base64'),
    ]),
    ...data.map(({ name, bytes }): [string, Buffer] => [`${FOLDER}/${name}`, bytes]),
  ]);
}
