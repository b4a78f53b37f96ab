import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { BUNDLING } from '../../infra/function-code.ts';

const KB = 1_024;

/** A function's bundle as the constructs and the package make it. */
async function bundleOf(name: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '..', '..', 'functions', `${name}.ts`)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    minify: BUNDLING.minify,
    target: BUNDLING.target,
    mainFields: BUNDLING.mainFields,
    external: BUNDLING.externalModules,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

test.each(['shard-walker', 'stream-enabler', 'destination-enabler', 'shard-map'])(
  '%s, bundled, loads as the module that Lambda takes it for',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bundle-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'index.mjs');
    writeFileSync(path, await bundleOf(name));

    // A process of its own, outside of the repository: nothing but the bundle and Node.
    const script = `import(${JSON.stringify(pathToFileURL(path).href)}).then(({ handler }) => console.log(typeof handler))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      cwd: folder,
      env: { AWS_REGION: 'us-east-1' },
    });

    expect(stdout.trim()).toBe('function');
  },
);

test.each([
  ['shard-walker', 200],
  ['stream-enabler', 130],
  ['destination-enabler', 130],
  ['shard-map', 130],
])('%s, gzipped with all its clients, is at most %i kB', async (name, most) => {
  expect(gzipSync(await bundleOf(name), { level: 9 }).length).toBeLessThanOrEqual(most * KB);
});
