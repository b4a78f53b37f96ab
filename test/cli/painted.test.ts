import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { painted } from '../../cli/painted.ts';

const ESCAPE = '\u001b[';
const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: WriteStream.prototype.getColorDepth });

beforeEach(() => {
  // Node looks at a dozen variables, and believes that most CI machines show no colour.
  for (const name of Object.keys(process.env)) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm-256color');
});
afterEach(() => vi.unstubAllEnvs());

test('on a terminal the kind of change is in colour, and the rest of the line is as it was', () => {
  const line = painted('insert  o-1  { total: 25 }', terminal);

  expect(line.startsWith(`${ESCAPE}32minsert`)).toBe(true);
  expect(line.endsWith('  o-1  { total: 25 }')).toBe(true);
});

test('NO_COLOR keeps colour off a terminal', () => {
  vi.stubEnv('NO_COLOR', '1');

  expect(painted('insert  o-1', terminal)).toBe('insert  o-1');
});

test('what is no terminal gets no colour', () => {
  expect(painted('insert  o-1', new PassThrough())).toBe('insert  o-1');
});

test('a line that is no change stays as it is', () => {
  expect(painted('writing 57 changes', terminal)).toBe('writing 57 changes');
});
