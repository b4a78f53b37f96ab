import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { reader } from '../test/formats/reader.ts';
import { samples } from '../test/formats/samples.ts';

/**
 * Keeps what this release writes, what it makes of that, and the very code that reads it, in one file under
 * test/formats. Run it when a release is made; afterwards the file never changes again, because rows and requests of
 * that release are out there.
 */
const FORMATS = join(import.meta.dirname, '..', 'test', 'formats');
const { version } = JSON.parse(readFileSync(join(FORMATS, '..', '..', 'package.json'), 'utf8')) as {
  readonly version: string;
};

const { outputFiles } = await build({
  entryPoints: [join(FORMATS, 'reader.ts')],
  bundle: true,
  minify: true,
  write: false,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
});
const kept = {
  release: version,
  samples: samples.map((sample) => ({ ...sample, read: reader[sample.kind](sample.stored as never) })),
  reader: outputFiles[0]?.text,
};
const path = join(FORMATS, `${version}.json`);
writeFileSync(path, JSON.stringify(kept));
execFileSync('biome', ['format', '--write', path], { stdio: 'inherit' });
