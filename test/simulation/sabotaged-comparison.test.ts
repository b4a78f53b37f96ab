import { expect, test, vi } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { firstSeedThatBreaks } from '../support/simulation/first-broken-seed.ts';

vi.mock('../../shared/core/sequence-number.ts', () => ({
  compareSequenceNumbers: (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0),
}));

test('the simulation notices when the walker compares sequence numbers as text', async () => {
  const seed = await firstSeedThatBreaks(['I1', 'I3'], 2_000, { walk });

  expect(seed).not.toBeNull();
});
