import { expect, test } from 'vitest';
import type { State } from '../../shared/core/ports.ts';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { aLease } from '../support/shards.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import { lagWatch } from '../support/simulation/lag-watch.ts';
import { simulate } from '../support/simulation/simulation.ts';

const MANY_ROWS = 13_000;
const STUCK_MS = 2 * MINUTE;
const END_MS = 14 * MINUTE;

const finished = Array.from({ length: MANY_ROWS }, (_, number) =>
  aLease({
    shardId: `finished-${number}`,
    position: { at: 'shard-end' },
    finishedAtMs: 0,
    removeAtMs: 1,
    children: 'stored',
  }),
);

/** What a walk of a quarter of an hour tells of its lag, while the handler fails from its third minute on. */
async function readings(leasesOf: (state: State, sinceMs: number) => State['leases']) {
  const { watch, readings: told } = lagWatch((sinceMs) => sinceMs >= STUCK_MS);
  await simulate(1, {
    walk,
    scenario: calmScenario({}, { calmAtMs: END_MS, endAtMs: END_MS }),
    sabotage: (ports, process, world) => {
      const { state } = ports;
      const leases: State['leases'] = (key) => leasesOf(state, world.clock.nowMs() - world.startMs)(key);
      return watch({ ...ports, state: { ...state, leases } }, process, world);
    },
  });
  return told.filter(({ atMs }) => atMs >= STUCK_MS);
}

test.each([
  [
    'has many shards',
    (state: State): State['leases'] =>
      async (key) => [...(await state.leases(key)), ...finished],
  ],
  [
    'cannot read the rows of its shards',
    (state: State, sinceMs: number): State['leases'] => {
      if (sinceMs < STUCK_MS) return state.leases;
      return async () => {
        throw new Error('simulated: throttled');
      };
    },
  ],
])('a walk that %s tells several times a minute how far it is behind', async (_title, leasesOf) => {
  const told = await readings(leasesOf);
  const pauses = told.slice(1).map(({ atMs }, index) => atMs - told[index]!.atMs);

  expect(told.at(-1)!.atMs).toBeGreaterThan(END_MS - MINUTE);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(16 * SECOND);
  for (const { lagMs, oldestMs } of told) expect(lagMs).toBeGreaterThanOrEqual(oldestMs - 10 * SECOND);
});
