import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { EXIT } from '../../../cli/output/exit-code.ts';
import { millrace } from './command.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const page = await readFile(join(ROOT, 'docs', 'operations.md'), 'utf8');

test('the page on operations tells of every command, and of no other', async () => {
  const { out } = await millrace(['--help']);
  const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!).filter((name) => name !== 'help');
  const mentioned = [...page.matchAll(/millrace ([a-z]+)/g)].map(([, name]) => name!);

  expect(commands.length).toBeGreaterThan(9);
  for (const name of commands) expect(page).toMatch(new RegExp(`^### .*\\b${name}\\b`, 'm'));
  expect(mentioned.filter((name) => !commands.includes(name))).toEqual([]);
});

test('the page on operations tells of every exit code', () => {
  const codes = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));

  expect(codes).toEqual(Object.values(EXIT));
});

test('every option that the page on operations names is one', async () => {
  const commands = [
    'status',
    'doctor',
    'tail',
    'pause',
    'rewind',
    'gaps accept',
    'parked',
    'redrive',
    'move',
    'positions export',
    'positions import',
    'repair',
    'tables',
    'verify',
  ];
  const helps = await Promise.all(commands.map((command) => millrace([...command.split(' '), '--help'])));
  const options = new Set(helps.flatMap(({ out }) => out.match(/--[a-z][a-z-]*/g) ?? []));

  expect(
    [...page.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([name]) => name).filter((name) => !options.has(name)),
  ).toEqual([]);
});

test('the snippet of the page on operations compiles', async () => {
  const [, code = ''] = page.match(/^```ts\n(.*?)^```/ms) ?? [];
  // A folder whose name begins with a dot is no part of the project's own compilation.
  const folder = await mkdtemp(join(import.meta.dirname, '.snippets-'));
  try {
    await writeFile(join(folder, 'snippet.ts'), code);
    const paths = { 'millrace/changes': [join(ROOT, 'shared', 'changes.ts')] };
    const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions: { paths }, include: ['*.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));

    const output = await promisify(execFile)(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', folder]).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    );

    expect([code === '', output]).toEqual([false, '']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
