import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { METRICS } from '../../shared/core/metrics.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = await readFile(join(ROOT, 'docs', 'kinesis.md'), 'utf8');

const READERS_OWN = `
interface Order { readonly orderId: string }
interface Customer { readonly customerId: string }
declare function sendReceipt(order: Order): Promise<void>;
declare function forget(customer: Customer): Promise<void>;
`;

test('every snippet of the page on Kinesis compiles', async () => {
  const snippets = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? '');
  // A folder whose name begins with a dot is no part of the project's own compilation.
  const folder = await mkdtemp(join(import.meta.dirname, '.snippets-'));
  try {
    await Promise.all([
      ...snippets.map((code, index) => writeFile(join(folder, `snippet-${index}.ts`), code)),
      writeFile(join(folder, 'readers-own.d.ts'), READERS_OWN),
      writeFile(join(folder, 'orders.ts'), snippets[1] ?? ''),
      writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: join(ROOT, 'tsconfig.json'),
          compilerOptions: {
            noUnusedLocals: false,
            paths: {
              millrace: [join(ROOT, 'shared', 'handler.ts')],
              'millrace/cdk': [join(ROOT, 'infra', 'index.ts')],
              'millrace/deduplicate': [join(ROOT, 'shared', 'deduplicate.ts')],
              'millrace/testing': [join(ROOT, 'shared', 'testing', 'index.ts')],
            },
          },
          include: ['*.ts'],
        }),
      ),
    ]);
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    const output = await promisify(execFile)(tsc, ['-p', folder]).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    );

    expect(output).toBe('');
    expect(snippets).toHaveLength(4);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);

test('the metrics that the page names exist', () => {
  for (const name of ['ChangesRepeated', 'ChangesSuperseded']) {
    expect(page).toContain(name);
    expect(METRICS).toHaveProperty(name);
  }
});
