import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ASSUMED, costTable, monthlyCost, PRICES } from '../../bench/costs.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'performance.md'), 'utf8');

test('the costs on the page are those of its formulas', () => {
  expect(page).toContain(costTable());
});

test('every price and assumption that the costs are made of is on the page', () => {
  const shown = (value: number): string => (value < 0.0001 ? value.toFixed(10).replace(/0+$/, '') : String(value));
  const perMillion = ['lambdaRequest', 'streamsRead', 'stateWrite', 'stateRead', 'tick'] as const;

  for (const name of perMillion) expect(page).toContain(`$${shown(Number((PRICES[name] * 1e6).toPrecision(6)))}`);
  for (const name of ['lambdaGbSecond', 'fargateVcpuHour', 'fargateGbHour'] as const) {
    expect(page).toContain(`$${shown(PRICES[name])}`);
  }
  for (const name of Object.keys(ASSUMED)) expect(page).toContain(`\`${name}\``);
});

test('a mapping costs as much as its handler, and a walker what it does besides', () => {
  const { mapping, walker, walkerAlone } = monthlyCost(1e9);

  expect(walker).toBeCloseTo(mapping + walkerAlone, 6);
});

test('an idle table costs its ticks, which is less than any change costs', () => {
  const idle = monthlyCost(0);

  expect(idle.mapping).toBe(0);
  expect(idle.walkerAlone).toBeLessThan(monthlyCost(1).walkerAlone);
});

test('a hundred times the changes take more shards, workers and tasks', () => {
  const [some, many] = [monthlyCost(1e9), monthlyCost(1e11)];

  expect([some.shards, some.workers, some.tasks]).toEqual([4, 1, 2]);
  expect([many.shards, many.workers, many.tasks]).toEqual([77, 6, 4]);
});
