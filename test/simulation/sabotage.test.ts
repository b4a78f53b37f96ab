import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { firstSeedThatBreaks } from '../support/simulation/first-broken-seed.ts';
import { SABOTAGES } from '../support/simulation/sabotage.ts';

const SEEDS = 2_000;

test.each(SABOTAGES)('the simulation notices when the walker lacks $protection', async ({ sabotage, breaks }) => {
  const seed = await firstSeedThatBreaks(breaks, SEEDS, { walk, sabotage });

  expect(seed).not.toBeNull();
});
