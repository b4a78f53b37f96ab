import { expect, test } from 'vitest';
import { simulatedRandom } from '../../../shared/testing/simulated-random.ts';

const draw = (seed: number, count: number): readonly number[] => {
  const random = simulatedRandom(seed);
  return Array.from({ length: count }, random.next);
};

test('a seed always gives the same numbers, and another seed others', () => {
  expect(draw(7, 100)).toEqual(draw(7, 100));
  expect(draw(7, 100)).not.toEqual(draw(8, 100));
});

test('the numbers are spread evenly from 0 up to 1', () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const value of draw(1, 100_000)) tenths[Math.floor(value * 10)]!++;

  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
});

test('the first numbers of neighbouring seeds have nothing in common', () => {
  const firsts = Array.from({ length: 10_000 }, (_, seed) => simulatedRandom(seed).next());
  const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
  const pairs = firsts.slice(1).map((value, index) => (value - mean) * (firsts[index]! - mean));

  expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  expect(Math.abs(pairs.reduce((sum, value) => sum + value, 0) / pairs.length)).toBeLessThan(0.005);
});

test('a whole number reaches both of its ends and nothing beyond', () => {
  const random = simulatedRandom(3);
  const seen = new Set(Array.from({ length: 1_000 }, () => random.whole(-1, 2)));

  expect([...seen].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
});

test('a fork goes its own way however often its origin is asked', () => {
  const [one, other] = [simulatedRandom(5), simulatedRandom(5)];
  const [forkOfOne, forkOfOther] = [one.fork(), other.fork()];
  one.next();

  expect(forkOfOne.next()).toBe(forkOfOther.next());
});

test('shuffling keeps the members', () => {
  const list = [1, 2, 3, 4, 5, 6, 7, 8];

  const shuffled = simulatedRandom(9).shuffled(list);

  expect(shuffled).not.toEqual(list);
  expect(shuffled.toSorted()).toEqual(list);
});
