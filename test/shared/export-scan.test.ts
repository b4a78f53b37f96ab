import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { exportBucket } from '../../shared/aws/export-bucket.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Source } from '../../shared/core/ports.ts';
import { afterItem, trimHorizon } from '../../shared/core/position.ts';
import type { RawItem } from '../../shared/core/record.ts';
import { scanStream } from '../../shared/core/scan.ts';
import { tableExports } from '../../shared/export-scan.ts';
import { type ObjectStore, objectStore } from '../support/object-store.ts';
import { type ExportToWrite, exportObjects, FOLDER, PLACE } from '../support/table-export.ts';

const TABLE = 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders';
const ID = '12345a12-abcd-123a-ab12-1234abc12345';
const STREAM = scanStream(`${TABLE}/stream/2026-01-31T00:00:00.000`, 1);

/** Items that do not compress well, so that a file has many ranges. */
const items = (file: number, count: number): readonly RawItem[] =>
  Array.from({ length: count }, (_, index) => ({
    id: { S: `${file}-${index} ä\n` },
    blob: { B: createHash('sha512').update(`${file}-${index}`).digest('base64') },
  }));

async function anExport(changes: Partial<ExportToWrite> = {}) {
  const store = await objectStore();
  const wanted = {
    tableArn: TABLE,
    tableId: ID,
    asOfMs: 1_000,
    files: [items(0, 1_200), [], items(2, 300)],
    ...changes,
  };
  for (const [key, object] of exportObjects(wanted)) store.objects.set(key, object);
  return { store, exported: openExport(store) };
}

const openExport = ({ client }: ObjectStore, id = ID) =>
  tableExports({
    place: PLACE,
    objects: exportBucket({ place: PLACE, client, rangeBytes: 4_096 }),
    table: async () => ({ arn: TABLE, id, keyNames: ['id'] }),
    clock: systemClock,
  });

const keysOf = (all: readonly RawItem[]) => all.map(({ id }) => id);

/** The items of a shard, page by page, from after so many on. */
async function read(source: Source, shardId: string, after = 0) {
  const opened = await source.open(STREAM, shardId, after === 0 ? trimHorizon() : afterItem('{}', after));
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  const found: RawItem[] = [];
  const pages: number[] = [];
  for (let iterator: string | null = opened.iterator; iterator !== null; ) {
    const page = await source.read(STREAM, iterator);
    if (page.kind !== 'page') throw new Error(page.kind);
    found.push(...page.records.map(({ event }) => (event as { dynamodb: { NewImage: RawItem } }).dynamodb.NewImage));
    pages.push(page.records.length);
    iterator = page.next;
  }
  return { found, pages };
}

test('hands over every item of the files once, in segments and pages, and reads files in ranges', async () => {
  const { store, exported } = await anExport();
  const source = exported.source(1, 2);

  const first = await read(source, 'segment-0-of-2');
  const second = await read(source, 'segment-1-of-2');

  expect(first.found).toEqual([...items(0, 1_200), ...items(2, 300)]);
  expect(first.pages).toEqual([500, 500, 500, 0]);
  expect(second).toEqual({ found: [], pages: [0] });
  const ranges = store.requests.filter(({ key }) => key.endsWith('file0abcdefghijklmnopqrst.json.gz'));
  expect(ranges.length).toBeGreaterThan(10);
  expect(ranges[1]?.range).toBe('bytes=4096-8191');
});

test.each([1, 500, 1_199, 1_200, 1_201, 1_499, 1_500])(
  'goes on after item %i, in whichever file it is',
  async (after) => {
    const { exported } = await anExport();

    const { found } = await read(exported.source(1, 1), 'segment-0-of-1', after);

    expect(keysOf(found)).toEqual(keysOf([...items(0, 1_200), ...items(2, 300)].slice(after)));
  },
);

test('an item is a snapshot, as one of a scan', async () => {
  const { exported } = await anExport({ files: [[{ id: { S: 'a' }, total: { N: '7' } }]] });
  const source = exported.source(3, 1);
  const opened = await source.open(STREAM, 'segment-0-of-1', trimHorizon());
  const page = await source.read(STREAM, opened.kind === 'opened' ? opened.iterator : '');

  expect(page).toMatchObject({
    records: [
      {
        position: afterItem('{"id":{"S":"a"}}', 1),
        event: {
          eventName: 'SNAPSHOT',
          eventSourceARN: `${TABLE}/stream/2026-01-31T00:00:00.000`,
          dynamodb: { Keys: { id: { S: 'a' } }, NewImage: { id: { S: 'a' }, total: { N: '7' } } },
          millrace: { run: 3 },
        },
      },
    ],
  });
});

test('tells what the export is', async () => {
  const { exported } = await anExport();

  expect(await exported.found()).toMatchObject({
    arn: `${TABLE}/export/01769860819000-a1b2c3d4`,
    asOfMs: 1_000,
    items: 1_500,
  });
});

test.each<[string, Partial<ExportToWrite>, string]>([
  ['in ION', { summary: { outputFormat: 'ION' } }, 'must be in the format DYNAMODB_JSON, got ION'],
  [
    'that is incremental',
    { summary: { exportType: 'INCREMENTAL_EXPORT' } },
    'must be a full export, got INCREMENTAL_EXPORT',
  ],
  ['of another table', { tableArn: `${TABLE}-old` }, `must be of the table ${TABLE}, got an export of ${TABLE}-old`],
  [
    'of a table that was deleted since',
    { tableId: 'old' },
    `${TABLE} as it is now (${ID}), got an export of one of that name that was deleted (old)`,
  ],
  [
    'whose list of files is cut off',
    { summary: { itemCount: 1_501 } },
    'must have the 1501 items that its summary tells, got 1500',
  ],
  ['whose summary is none', { summary: { exportTime: 'soon' } }, 'must be a manifest of an export: exportTime is'],
])('refuses an export %s', async (_, changes, message) => {
  const { exported } = await anExport(changes);

  await expect(exported.found()).rejects.toThrow(message);
});

test('tells an export that is not finished from one that is not there', async () => {
  const { store } = await anExport();
  store.objects.delete(PLACE.manifest);

  await expect(openExport(store).found()).rejects.toThrow(
    `the export s3://exports/${PLACE.manifest} must be finished, got one without ${PLACE.manifest}`,
  );

  store.objects.clear();
  await expect(openExport(store).found()).rejects.toThrow(
    `bootstrap.export must name an export that the walker may read, got s3://exports/${PLACE.manifest} (NoSuchKey`,
  );
});

test.each<[string, Buffer, string]>([
  ['fewer lines', gzipSync('{"Item":{"id":{"S":"a"}}}\n'), 'must have 2 lines, as its manifest says, got 1'],
  [
    'more lines',
    gzipSync('{"Item":{"id":{"S":"a"}}}\n'.repeat(3)),
    'must have 2 lines, as its manifest says, got more',
  ],
  ['other lines', gzipSync('{"Item":{"id":{"S":"z"}}}\n'.repeat(2)), 'must have the MD5'],
  [
    'lines that are none',
    gzipSync('{"Keys":{}}\n{"Keys":{}}\n'),
    'a line of an export must have an Item, got {"Keys":{}}',
  ],
  ['no gzipped bytes', Buffer.from('{"Item":{"id":{"S":"a"}}}\n'), 'incorrect header check'],
  ['half of its bytes', gzipSync('{"Item":{"id":{"S":"a"}}}\n'.repeat(2)).subarray(0, 30), 'unexpected end of file'],
])('does not pass over a file with %s', async (_, bytes, message) => {
  const { store, exported } = await anExport({ files: [[{ id: { S: 'a' } }, { id: { S: 'b' } }]] });
  store.objects.set(`${FOLDER}/data/file0abcdefghijklmnopqrst.json.gz`, bytes);

  await expect(read(exported.source(1, 1), 'segment-0-of-1')).rejects.toThrow(message);
});

test('does not mix two versions of a file, and reads it anew where that failed', async () => {
  const { store, exported } = await anExport();
  const key = `${FOLDER}/data/file0abcdefghijklmnopqrst.json.gz`;
  const whole = store.objects.get(key)!;
  const source = exported.source(1, 1);
  const opened = await source.open(STREAM, 'segment-0-of-1', trimHorizon());
  const page = await source.read(STREAM, opened.kind === 'opened' ? opened.iterator : '');
  const next = page.kind === 'page' ? page.next! : '';

  store.objects.set(key, gzipSync('other'));
  await expect(read(source, 'segment-0-of-1', 500)).rejects.toThrow();
  store.objects.set(key, whole);

  expect(await source.read(STREAM, next)).toMatchObject({ kind: 'page', records: { length: 500 } });
});
