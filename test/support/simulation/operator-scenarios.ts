import type { Random } from '../../../shared/testing/simulated-random.ts';
import { calmScenario } from './calm-scenario.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const OPERATIONS = new Set(['pause', 'resume', 'rewind-to-trim-horizon', 'rewind-to-time', 'rewind-to-latest']);

/** The seed's scenario, in which nobody operates but the operator of these tests. */
export function scenarioFor(seed: number, request: Partial<Scenario['request']> = {}): Scenario {
  const drawn = scenarioOf(seed);
  return {
    ...drawn,
    request: { ...drawn.request, ...request },
    incidents: drawn.incidents.filter(({ what }) => !OPERATIONS.has(what)),
  };
}

/** Nothing walks for longer than the stream keeps its records: shards halt at gaps. */
export const haltingScenario = (seed: number): Scenario =>
  calmScenario(
    { onGap: 'halt', deliver: seed % 2 === 0 ? ['gap'] : [] },
    {
      seed,
      outage: { fromMs: 2 * MINUTE, untilMs: 28 * HOUR, tickEveryMs: null },
      calmAtMs: 28 * HOUR + 40 * MINUTE,
      endAtMs: 30 * HOUR,
      incidents: [8, 12, 16, 20].map((hours) => ({ atMs: hours * HOUR, what: 'roll' })),
    },
  );

/** The world of an operator who is slow: between what they read and what they write, walks and others write. */
export const slowly = (world: World, random: Random): World => ({
  ...world,
  state: {
    ...world.state,
    putControl: async (...args) => {
      await world.clock.sleep(random.whole(0, 100));
      return world.state.putControl(...args);
    },
    acceptGap: async (...args) => {
      await world.clock.sleep(random.whole(1, 30));
      return world.state.acceptGap(...args);
    },
  },
});
