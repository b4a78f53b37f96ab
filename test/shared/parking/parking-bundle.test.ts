import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const bundleOf = async (code: string) => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: ['@aws-sdk/client-*'],
  });
  const [output] = outputFiles;
  return {
    text: output!.text,
    bytes: gzipSync(output!.contents, { level: 9 }).length,
    inputs: Object.keys(metafile.inputs),
  };
};

const HANDLER =
  "import { changeHandler } from '../../../shared/handler.ts'; export const handler = changeHandler<object>({}";

test('a handler without parking carries none of it: neither its code, nor its client', async () => {
  const { inputs, text } = await bundleOf(`${HANDLER});`);

  const parking = inputs.filter((path) => /shared\/(parking|aws)|core\/parking-/.test(path));
  expect(parking).toEqual([]);
  expect(text).not.toContain('client-dynamodb');
});

test('a handler with parking carries at most 10 kB more, gzipped; the client comes from the runtime', async () => {
  const plain = await bundleOf(`${HANDLER});`);
  const parking = await bundleOf(
    `import { parkingTable } from '../../../shared/parking.ts'; ${HANDLER}, { parking: parkingTable() });`,
  );

  expect(parking.bytes - plain.bytes).toBeLessThanOrEqual(10 * 1024);
  expect(parking.text).toContain('@aws-sdk/client-dynamodb');
});
