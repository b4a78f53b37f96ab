import { expect, test } from 'vitest';
import { figureOf, quantile } from '../../bench/support/figure.ts';
import { ratioOf } from '../../bench/support/rounds.ts';

test('a quantile lies between two values in proportion, whatever their order', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
  expect(quantile([7], 0.99)).toBe(7);
  expect(() => quantile([], 0.5)).toThrow('of at least one value, got none');
});

test('noise is half the distance of the quartiles, as a part of the median', () => {
  expect(figureOf([8, 9, 10, 11, 12])).toEqual({ median: 10, noise: 0.1 });
  expect(figureOf([0, 0, 0])).toEqual({ median: 0, noise: 0 });
});

test('a ratio is made in each round, so that what slows a whole round down does not count', () => {
  const ratio = ratioOf([10, 20, 100], [5, 10, 50]);

  expect(ratio).toEqual({ median: 2, noise: 0 });
});
