import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parkingTableDefinition } from '../../shared/core/parking.ts';
import { checkedLimits } from '../../shared/core/parking-limits.ts';
import { redriveEvent } from '../../shared/core/redrive-event.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = await readFile(join(ROOT, 'docs', 'parking.md'), 'utf8');

const READERS_OWN = `
interface Order { readonly orderId: string }
declare function sendReceipt(order: Order): Promise<void>;
declare function notify(order: Order): Promise<void>;
`;

test('every snippet of the page on parking compiles', async () => {
  const snippets = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? '');
  // A folder whose name begins with a dot is no part of the project's own compilation.
  const folder = await mkdtemp(join(import.meta.dirname, '.snippets-'));
  try {
    await Promise.all([
      ...snippets.map((code, index) => writeFile(join(folder, `snippet-${index}.ts`), code)),
      writeFile(join(folder, 'readers-own.d.ts'), READERS_OWN),
      writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: join(ROOT, 'tsconfig.json'),
          compilerOptions: {
            paths: {
              millrace: [join(ROOT, 'shared', 'handler.ts')],
              'millrace/parking': [join(ROOT, 'shared', 'parking.ts')],
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
    expect(snippets.length).toBe(3);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);

test('the page shows the defaults, the event and the keys as they are', () => {
  const { attempts, stopAfter, timeShare } = checkedLimits({});
  const [json = ''] = page.match(/(?<=^```json\n)[^`]*/m) ?? [];
  const { KeySchema } = parkingTableDefinition('parked');

  expect(page).toContain(`| \`attempts\` | ${attempts} |`);
  expect(page).toContain(`| \`stopAfter\` | ${stopAfter} |`);
  expect(page).toContain(`| \`timeShare\` | ${timeShare} |`);
  expect({ Records: [], ...JSON.parse(json) }).toEqual(redriveEvent());
  expect(KeySchema.map(({ AttributeName }) => AttributeName)).toEqual(['pk', 'sk']);
});
