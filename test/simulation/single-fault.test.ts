import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { type Mishap, singleFault } from '../support/simulation/single-fault.ts';

const SECOND = 1_000;

/** Two workers on a shard that rolls over and then splits, for twenty seconds of changes. */
const scenario = calmScenario(
  {
    workers: 2,
    handler: { functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:orders', timeoutMs: SECOND },
    leaseDurationMs: 5 * SECOND,
    deliveryMarginMs: 5 * SECOND,
    deliver: ['gap'],
  },
  {
    walkMs: 60 * SECOND,
    items: 3,
    incidents: [
      { atMs: 7 * SECOND, what: 'roll' },
      { atMs: 12 * SECOND, what: 'split' },
    ],
    calmAtMs: 20 * SECOND,
  },
);

/** Every call but the reads of open shards, which are all alike: of those every tenth. Only writes come late. */
async function targets(mishap: Mishap): Promise<readonly number[]> {
  const { sabotage, calls } = singleFault(-1, 'fails before it takes place');
  const { violations } = await simulate(1, { walk, scenario, sabotage });
  expect(violations).toEqual([]);
  const isTarget = (name: string, index: number) =>
    (name !== 'source.read' || index % 10 === 0) && (mishap !== LATE || name.startsWith('state.'));
  return calls.flatMap((name, index) => (isTarget(name, index) ? [index] : []));
}

const LATE = 'fails, and takes place ten seconds later';
const MISHAPS: readonly Mishap[] = [
  'fails before it takes place',
  'fails after it took place',
  LATE,
  'crashes its walk before it takes place',
  'crashes its walk after it took place',
  'freezes its walk for a minute',
];

test.each(MISHAPS)(
  'nothing is lost or reordered when any one call %s',
  async (mishap) => {
    const broken: string[] = [];
    const indices = await targets(mishap);
    for (const index of indices) {
      const { sabotage, calls } = singleFault(index, mishap);
      const { violations } = await simulate(1, { walk, scenario, sabotage });
      for (const { invariant, message } of violations)
        broken.push(`${calls[index]} (${index}): ${invariant} ${message}`);
    }

    expect(indices.length).toBeGreaterThan(50);
    expect(broken).toEqual([]);
  },
  60 * SECOND,
);
