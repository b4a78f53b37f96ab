import { expect, test } from 'vitest';
import { walk } from '../../shared/walker.ts';
import { HOUR, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

/** How long each change of a table of four shards waits for its first delivery, while one is made every eight seconds. */
async function waits(): Promise<readonly number[]> {
  const calm = calmScenario({}, {});
  const arrivedAtMs = new Map<string, number>();
  let seen: World | undefined;
  const { violations } = await simulate(1, {
    walk,
    scenario: {
      ...calm,
      stream: { ...calm.stream, shards: 4 },
      items: 1_000,
      writeEveryMs: 8 * SECOND,
      calmAtMs: 3 * HOUR,
      endAtMs: 3 * HOUR + 60 * SECOND,
    },
    onWorld: (world) => {
      seen = world;
    },
    sabotage: (ports, _process, { clock }) => ({
      ...ports,
      sink: {
        deliver: (batch) => {
          for (const number of batch.sequenceNumbers)
            if (!arrivedAtMs.has(number)) arrivedAtMs.set(number, clock.nowMs());
          return ports.sink.deliver(batch);
        },
      },
    }),
  });
  expect(violations).toEqual([]);
  const records = seen!.stream.lives.flatMap(({ shards }) => [...shards.values()]).flatMap((shard) => shard.records);
  return records.map(
    ({ sequenceNumber, writtenAtMs }) => (arrivedAtMs.get(sequenceNumber) ?? Number.NaN) - writtenAtMs,
  );
}

test('shards that take turns are read soon, though each of them is quiet for longer than a minute', async () => {
  const sorted = (await waits()).slice(10).toSorted((a, b) => a - b);

  expect(sorted.length).toBeGreaterThan(1_000);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(300);
  expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(SECOND);
});
