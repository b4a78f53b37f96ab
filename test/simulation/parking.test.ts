import { expect, test } from 'vitest';
import { simulateParking } from '../support/parking-simulation/simulation.ts';

const SEEDS = 100;

test('I1, I2: through poison, outages, crashes, redelivery, resharding, redrives and discards no change is lost or reordered', async () => {
  const broken: string[] = [];
  let redriven = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const result = await simulateParking(seed);
    redriven += result.redriven;
    for (const { invariant, message } of result.violations) broken.push(`seed ${seed}: ${invariant}: ${message}`);
  }

  expect(broken).toEqual([]);
  // Otherwise nothing was put to the test.
  expect(redriven).toBeGreaterThan(50 * SEEDS);
}, 300_000);

test('a seed tells the same story every time', async () => {
  const [first, second]: [string[], string[]] = [[], []];

  await simulateParking(7, { trace: first });
  await simulateParking(7, { trace: second });

  expect(first.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});
