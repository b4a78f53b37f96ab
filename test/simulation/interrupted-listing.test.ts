import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { type Sabotage, simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const { stream } = calmScenario({}, {});

/** As many shards as one page of a listing cannot hold. */
const scenario = calmScenario(
  {},
  { walkMs: MINUTE, stream: { ...stream, shards: 101 }, items: 100, writeEveryMs: 200, calmAtMs: 2 * MINUTE },
);

test('a first listing whose walk dies between two pages is made again from its beginning, and loses no shard', async () => {
  let died = 0;
  const sabotage: Sabotage = (ports, process) => ({
    ...ports,
    source: {
      ...ports.source,
      listShards: async (identity, after) => {
        if (after === null || died++ > 0) return ports.source.listShards(identity, after);
        process.crash();
        return new Promise<never>(() => undefined);
      },
    },
  });
  let world!: World;
  const rows: (number | undefined)[] = [];
  const onWorld = (each: World) => {
    world = each;
    each.clock.after(50 * SECOND, () => void rows.push(each.ledger.generations.get(1)?.rows.size));
  };

  const { violations } = await simulate(1, { walk, scenario, sabotage, onWorld });

  expect(violations).toEqual([]);
  expect(died).toBeGreaterThan(1);
  expect(rows).toEqual([0]);
  expect(world.ledger.generations.get(1)?.rows.size).toBe(101);
});
