import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import type { Scenario } from '../support/simulation/scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const MINUTE = 60_000;
const THREE_TICKS = 3 * MINUTE + 10_000;

/** Steady workers on shards that all have changes, for ten minutes of one walk each. */
const steady = (workers: number, shards: number): Scenario => {
  const { stream, ...calm } = calmScenario({ workers }, { items: 50, calmAtMs: 10 * MINUTE, endAtMs: 11 * MINUTE });
  return { ...calm, stream: { ...stream, shards } };
};

const rowsOf = ({ ledger }: World) => [...(ledger.generations.get(1)?.rows.values() ?? [])];

function shardsByWorker(world: World): readonly number[] {
  const counts = new Map<number, number>();
  for (const { owner } of rowsOf(world)) {
    const worker = owner === null ? -1 : (world.workerOf.get(owner) ?? -1);
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  }
  return [...counts].toSorted(([a], [b]) => a - b).map(([, count]) => count);
}

const cases = [1, 2, 3, 4].flatMap((workers) => [1, 3, 4, 8].map((shards) => ({ workers, shards })));

test.each(cases)(
  '$workers workers share $shards shards within three ticks, and then leave them alone',
  async (each) => {
    let world: World | undefined;
    let shares: readonly number[] = [];
    const epochs: string[] = [];
    const result = await simulate(1, {
      walk,
      scenario: steady(each.workers, each.shards),
      onWorld: (made) => {
        world = made;
        made.clock.after(THREE_TICKS, () => {
          shares = shardsByWorker(made);
        });
        for (const afterMs of [THREE_TICKS, 5 * MINUTE, 9 * MINUTE]) {
          made.clock.after(afterMs, () =>
            epochs.push(JSON.stringify(rowsOf(made).map(({ shardId, epoch }) => [shardId, epoch]))),
          );
        }
      },
    });

    expect(result.violations).toEqual([]);
    expect(world && shares.reduce((sum, share) => sum + share, 0)).toBe(each.shards);
    expect(Math.max(...shares)).toBeLessThanOrEqual(Math.ceil(each.shards / each.workers) + 1);
    expect(new Set(epochs).size).toBe(1);
  },
);
