import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLING } from '../infra/function-code.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** The functions that the constructs deploy: each a folder with all it needs, so that its user bundles nothing. */
const FUNCTIONS = ['shard-walker', 'stream-enabler', 'destination-enabler', 'shard-map'];

rmSync(DIST, { recursive: true, force: true });
execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.package.json'], {
  cwd: ROOT,
  stdio: 'inherit',
});
// The compiler rewrites the imports of what runs, and leaves those of declarations, which not every resolution follows.
for (const path of globSync('**/*.d.ts', { cwd: DIST }).map((name) => join(DIST, name))) {
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'));
}
for (const name of FUNCTIONS) {
  await build({
    entryPoints: [join(ROOT, 'functions', `${name}.ts`)],
    outfile: join(DIST, 'functions', name, 'index.mjs'),
    bundle: true,
    minify: BUNDLING.minify,
    platform: 'node',
    format: 'esm',
    target: BUNDLING.target,
    mainFields: BUNDLING.mainFields,
    external: BUNDLING.externalModules,
    logLevel: 'warning',
  });
}
// The command brings all it needs, so that a handler's project installs nothing for it.
await build({
  entryPoints: [join(ROOT, 'cli', 'millrace.ts')],
  outdir: join(DIST, 'cli'),
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[hash]',
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
