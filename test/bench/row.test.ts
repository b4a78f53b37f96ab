import { expect, test } from 'vitest';
import { alternate } from '../../bench/support/rounds.ts';
import { isReached, isUnsure, published, type Row } from '../../bench/support/row.ts';
import { markdownTable } from '../../bench/support/table.ts';

const row: Row = {
  what: 'walking',
  unit: 'ms',
  ours: { median: 1234.5, noise: 0.041 },
  comparison: { name: 'running', theirs: published(2469) },
  ratio: { figure: published(2), meaning: 'x less' },
  target: { of: 'ratio', bound: 'at-least', value: 2 },
};

test('a target is of the ratio or of the figure itself, and is reached exactly there', () => {
  expect(isReached(row)).toBe(true);
  expect(isReached({ ...row, target: { of: 'ratio', bound: 'at-least', value: 2.01 } })).toBe(false);
  expect(isReached({ ...row, target: { of: 'ours', bound: 'at-most', value: 1234.5 } })).toBe(true);
  expect(isReached({ ...row, target: { of: 'ours', bound: 'at-most', value: 1234 } })).toBe(false);
  expect(isReached({ ...row, target: null })).toBeNull();
});

test('a target within the noise of what was measured leaves the verdict unsure', () => {
  const noisy = { ...row, ratio: { figure: { median: 2.1, noise: 0.1 }, meaning: 'x less' } };

  expect(isUnsure(noisy)).toBe(true);
  expect(isUnsure({ ...noisy, target: { of: 'ratio', bound: 'at-least', value: 1.8 } })).toBe(false);
  expect(isUnsure({ ...noisy, target: null })).toBe(false);
  expect(markdownTable([noisy])).toContain('| reached, unsure |');
});

test('a row tells both figures with their noise, the ratio, and whether it comes to what it should', () => {
  expect(markdownTable([row]).split('\n')[2]).toBe(
    '| walking | 1,235 ±4% ms | running | 2,469 ms | 2 x less | at least 2 | reached |',
  );
});

test('contenders take turns, each round begins with another one, and warm-up rounds do not count', async () => {
  const turns: string[] = [];
  const taken = (name: string) => () => turns.push(name);

  const measured = await alternate({ a: taken('a'), b: taken('b') }, { rounds: 2, warmUp: 1 });

  expect(turns).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  expect(measured).toEqual({ a: [4, 5], b: [3, 6] });
});
