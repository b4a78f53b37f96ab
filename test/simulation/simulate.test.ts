import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs the script as `npm run simulate` does, and interrupts it where asked. */
async function run(args: readonly string[], interruptAfterMs?: number) {
  const child = spawn(process.execPath, ['scripts/simulate.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const timer = interruptAfterMs && setTimeout(() => child.kill('SIGINT'), interruptAfterMs);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer || undefined);
  return { code, lines: out.trimEnd().split('\n'), errors };
}

test('some seeds end with one line of figures', async () => {
  const { code, lines, errors } = await run(['--seeds', '45', '--first', '100']);

  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^45 seeds, [\d,]+ walks, [\d,]+ records, [\d,]+ faults, no violations$/);
  expect([code, errors]).toEqual([0, '']);
});

test('one seed shows all that happens in it, twice the same', async () => {
  const [first, second] = [await run(['--seed', '7']), await run(['--seed', '7'])];

  expect(first.lines.length).toBeGreaterThan(100);
  expect(first.lines.at(-1)).toMatch(/^1 seed, /);
  expect(second.lines).toEqual(first.lines);
});

test('a violation is named with the command that replays it, and fails', async () => {
  const { code, lines } = await run(['--seeds', '20', '--without', 'settling']);
  const replay = lines.find((line) => line.includes('npm run simulate'))!;

  expect(code).toBe(1);
  expect(lines.at(-1)).toMatch(/, [\d,]+ violations?$/);
  const replayed = await run(replay.split(' -- ')[1]!.split(' '));
  expect(replayed.code).toBe(1);
  expect(replayed.lines.join('\n')).toContain('VIOLATION of ');
});

test('a violation of a bootstrap is replayed by its command, too', async () => {
  const { code, lines } = await run(['--bootstrap', '--seeds', '20', '--without', 'positions-first']);
  const replay = lines.find((line) => line.includes('npm run simulate'))!;

  expect(code).toBe(1);
  const replayed = await run(replay.split(' -- ')[1]!.split(' '));
  expect(replayed.code).toBe(1);
  expect(replayed.lines.join('\n')).toContain('VIOLATION of I8');
});

test('an interrupt ends it with the figures so far', async () => {
  const { code, lines } = await run(['--seeds', '1000000'], 5_000);

  expect(code).toBe(130);
  expect(lines.at(-1)).toMatch(/^[\d,]+ seeds, .* no violations$/);
});

test.each([
  [['--seeds', '0'], 'error: --seeds must be a whole number from 1 to 1000000000000, got "0" (--help shows how)\n'],
  [['--seed', 'x'], 'error: --seed must be a whole number from 0 to 1000000000000, got "x" (--help shows how)\n'],
  [
    ['--seed', '1', '--seeds', '2'],
    'error: --seed runs one seed, and goes with neither --seeds nor --first (--help shows how)\n',
  ],
  [['--fast'], "error: Unknown option '--fast' (--help shows how)\n"],
])('%j is refused in one clear error', async (args, message) => {
  expect(await run(args)).toEqual({ code: 1, lines: [''], errors: message });
});
