import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MillraceError } from './core/errors.ts';
import { type ExportFile, type ExportObjects, placeAfter } from './core/table-export.ts';

/** The lines of a segment's files, after so many of them. */
export async function* segmentLines(
  objects: ExportObjects,
  files: readonly ExportFile[],
  after: number,
): AsyncGenerator<string, undefined> {
  const place = placeAfter(files, after);
  for (const [index, file] of files.slice(place.file).entries()) {
    // A partition without items has a file without lines.
    if (file.items > 0) yield* fileLines(objects, file, index === 0 ? place.line : 0);
  }
}

/**
 * The lines of a file, after so many of them.
 * @throws MillraceError `invalid-record` when the file is not what the manifest says: at its end, since it is not kept.
 */
async function* fileLines(objects: ExportObjects, file: ExportFile, after: number): AsyncGenerator<string> {
  const hash = createHash('md5');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const bytes of objects.bytes(file.key)) {
      hash.update(bytes);
      yield bytes;
    }
  }
  let lines = 0;
  for await (const line of linesOf(gunzipped(hashed()))) {
    if (line === '') continue;
    if (++lines > file.items) break;
    if (lines > after) yield line;
  }
  if (lines !== file.items) throw broken(file, `${file.items} lines`, lines > file.items ? 'more' : String(lines));
  const md5 = hash.digest('base64');
  if (md5 !== file.md5) throw broken(file, `the MD5 ${file.md5}`, md5);
}

/** An error of the bytes is one of the text, too. */
function gunzipped(bytes: AsyncIterable<Uint8Array>): Readable {
  const source = Readable.from(bytes, { objectMode: false, highWaterMark: 1 });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

async function* linesOf(text: Readable): AsyncGenerator<string> {
  text.setEncoding('utf8');
  let rest = '';
  for await (const chunk of text) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  yield rest;
}

const broken = ({ key }: ExportFile, wanted: string, got: string): MillraceError =>
  new MillraceError(
    'invalid-record',
    `the file ${key} of the export must have ${wanted}, as its manifest says, got ${got}`,
  );
