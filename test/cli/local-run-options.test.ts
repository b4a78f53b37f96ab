import { expect, test } from 'vitest';
import { parseLocalRunOptions } from '../../cli/local-run-options.ts';

test('without arguments the run ends by itself', () => {
  expect(parseLocalRunOptions([])).toEqual({ watch: false, kinesis: false, help: false });
});

test.each([['--watch'], ['-w']])('%s stays', (argument) => {
  expect(parseLocalRunOptions([argument])).toEqual({ watch: true, kinesis: false, help: false });
});

test.each([['--kinesis'], ['-k']])('%s reads from a Kinesis stream', (argument) => {
  expect(parseLocalRunOptions([argument])).toEqual({ watch: false, kinesis: true, help: false });
});

test.each([
  [['--wach'], '--wach'],
  [['--watch', 'orders'], 'orders'],
  [['-x'], '-x'],
  [['--watch=yes'], '--watch=yes'],
  [['--no-watch'], '--no-watch'],
])('%j is refused in one error that names it and what is allowed', (args, received) => {
  expect(() => parseLocalRunOptions(args)).toThrow(
    expect.objectContaining({
      code: 'invalid-request',
      message: `an option must be one of --watch, --kinesis, --help, got ${received}`,
    }),
  );
});
