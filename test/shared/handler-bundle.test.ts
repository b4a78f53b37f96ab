import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** What a user's function carries: the handler, its logger, nothing of the AWS SDK's clients. */
const bundleOf = (code: string) =>
  build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });

test('the handler adds at most 16 kB gzipped to a function', async () => {
  const { outputFiles } = await bundleOf(
    "import { changeHandler } from '../../shared/handler.ts'; export const handler = changeHandler<object>({});",
  );

  const [bundle] = outputFiles;
  expect(gzipSync(bundle!.contents, { level: 9 }).length).toBeLessThanOrEqual(16 * 1024);
});

test('the handler brings no AWS SDK client and no schema library', async () => {
  const { metafile } = await bundleOf("export * from '../../shared/handler.ts';");

  const foreign = Object.keys(metafile.inputs).filter((path) => /client-|smithy|zod|valibot|arktype/.test(path));
  expect(foreign).toEqual([]);
});
