import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BENCHMARKS } from '../../bench/benchmarks.ts';

const RUN = join(import.meta.dirname, '..', '..', 'bench', 'run.ts');

const run = (...args: readonly string[]) =>
  new Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(process.execPath, [RUN, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

test('the help names every benchmark', async () => {
  const { code, stdout } = await run('--help');

  expect(code).toBe(0);
  for (const { name, title } of BENCHMARKS) expect(stdout).toContain(`${name.padEnd(16)} ${title}`);
});

test('a benchmark that there is not is refused with those that there are', async () => {
  const { code, stderr } = await run('walker');

  expect(code).toBe(1);
  expect(stderr).toContain('a benchmark must be one of walker-cpu, backlog,');
  expect(stderr).toContain('got "walker"');
  expect(stderr).not.toContain('at chosen');
});

test('an option that there is not is refused', async () => {
  const { code, stderr } = await run('--fast');

  expect(code).toBe(1);
  expect(stderr).toContain("Unknown option '--fast'");
});
