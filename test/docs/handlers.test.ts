import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** What the snippets call and the reader would have written. */
const READERS_OWN = `
declare function sendReceipt(order: object): Promise<void>;
declare function notify(order: object): Promise<void>;
declare function putItem(item: object): Promise<void>;
declare function audit(...what: unknown[]): void;
declare function book(total: number): void;
declare function restock(count: number): void;
declare function callSlowService(order: object): Promise<void>;
declare function bulkWrite(rows: object[]): Promise<Set<string | undefined>>;
declare function publish(end: Date, total: number): void;
`;

test('every snippet of the page on handlers compiles', async () => {
  const page = await readFile(join(ROOT, 'docs', 'handlers.md'), 'utf8');
  const snippets = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? '');
  // A folder whose name begins with a dot is no part of the project's own compilation.
  const folder = await mkdtemp(join(import.meta.dirname, '.snippets-'));
  try {
    await Promise.all([
      ...snippets.map((code, index) => writeFile(join(folder, `snippet-${index}.ts`), code)),
      writeFile(join(folder, 'readers-own.d.ts'), READERS_OWN),
      writeFile(join(folder, 'orders.ts'), snippets[0] ?? ''),
      writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: join(ROOT, 'tsconfig.json'),
          compilerOptions: {
            paths: {
              millrace: [join(ROOT, 'shared', 'handler.ts')],
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
    expect(snippets.length).toBeGreaterThan(5);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
