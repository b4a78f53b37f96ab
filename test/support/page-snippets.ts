import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');

/** What the package's imports are in this repository. */
const PACKAGE = {
  millrace: 'shared/handler.ts',
  'millrace/cdk': 'infra/index.ts',
  'millrace/changes': 'shared/changes.ts',
  'millrace/deduplicate': 'shared/deduplicate.ts',
  'millrace/parking': 'shared/parking.ts',
  'millrace/testing': 'shared/testing/index.ts',
};

/** The TypeScript code blocks of a page, in order. */
export const snippetsOf = (page: string): readonly string[] =>
  [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? '');

/**
 * Compiles snippets as files of their own beside others by name, such as what a snippet imports. `readersOwn` declares
 * what the reader would have written. Gives the compiler's complaints; empty when there are none.
 */
export async function complaints(
  snippets: readonly string[],
  readersOwn: string,
  others: Readonly<Record<string, string>> = {},
): Promise<string> {
  // A folder whose name begins with a dot is no part of the project's own compilation.
  const folder = await mkdtemp(join(ROOT, 'test', '.snippets-'));
  const paths = Object.fromEntries(Object.entries(PACKAGE).map(([name, file]) => [name, [join(ROOT, file)]]));
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false, paths },
    include: ['*.ts'],
  };
  const files = {
    ...Object.fromEntries(snippets.map((code, index) => [`snippet-${index}.ts`, code])),
    ...others,
    'readers-own.d.ts': readersOwn,
    'tsconfig.json': JSON.stringify(config),
  };
  try {
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    return await promisify(execFile)(tsc, ['-p', folder]).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
