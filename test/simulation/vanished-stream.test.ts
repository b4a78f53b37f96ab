import { expect, test } from 'vitest';
import type { Source } from '../../shared/core/ports.ts';
import { walk } from '../../shared/walker.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import type { Scenario } from '../support/simulation/scenario.ts';
import { type Sabotage, simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A table whose stream is turned off while no walker runs, for longer than its records are kept. */
const vanishing = (request: Partial<Scenario['request']>, changes: Partial<Scenario> = {}): Scenario =>
  calmScenario(request, {
    incidents: [{ atMs: 2 * MINUTE, what: 'disable-stream' }],
    outage: { fromMs: MINUTE, untilMs: 26 * HOUR, tickEveryMs: null },
    calmAtMs: 26 * HOUR,
    endAtMs: 27 * HOUR,
    ...changes,
  });

/** What is told of the stream, and what breaks, when the source is changed so. */
async function told(scenario: Scenario, change: (source: Source, world: World) => Partial<Source>) {
  const sabotage: Sabotage = (ports, _process, world) => ({
    ...ports,
    source: { ...ports.source, ...change(ports.source, world) },
  });
  let world!: World;
  const onWorld = (each: World) => {
    world = each;
  };
  const { violations } = await simulate(1, { walk, scenario, sabotage, onWorld });
  const { ledger, deliveries } = world;
  return { violations, gaps: ledger.gaps.map(({ gap }) => gap), handled: deliveries.gapsTold };
}

/** Every listing fails, until the stream is gone. */
const unlisted = (source: Source, { clock, startMs }: World): Partial<Source> => ({
  listShards: async (stream, after) =>
    clock.nowMs() < startMs + 25 * HOUR
      ? { kind: 'failed', reason: 'throttled', message: 'simulated' }
      : source.listShards(stream, after),
});

test('a stream that is gone before its first listing is a gap, which the handler is told of', async () => {
  const { violations, gaps, handled } = await told(vanishing({ deliver: ['gap'] }), unlisted);

  expect(violations).toEqual([]);
  expect(gaps.map(({ reason }) => reason)).toEqual(['shard-vanished']);
  expect(handled).toEqual(new Set(gaps.map(({ id }) => id)));
});

test('a subscription that halts at gaps halts at it', async () => {
  const { violations, gaps } = await told(vanishing({ onGap: 'halt' }), unlisted);

  expect(violations).toEqual([]);
  expect(gaps.map(({ reason }) => reason)).toEqual(['shard-vanished']);
});

/** The shard that a roll opens is never shown. */
const childless = (source: Source, { stream }: World): Partial<Source> => ({
  listShards: async (identity, after) => {
    const page = await source.listShards(identity, after);
    const first = stream.lives[0]!.shards.keys().next().value;
    return page.kind === 'page' ? { ...page, shards: page.shards.filter(({ shardId }) => shardId === first) } : page;
  },
  childrenOf: async () => ({ kind: 'unsupported' }),
});

test('a stream that is gone before the children of its last shard were listed is a gap', async () => {
  const scenario = vanishing(
    {},
    {
      incidents: [
        { atMs: 30 * SECOND, what: 'roll' },
        { atMs: 2 * MINUTE, what: 'disable-stream' },
      ],
      outage: { fromMs: 40 * SECOND, untilMs: 26 * HOUR, tickEveryMs: null },
      walkMs: 80 * SECOND,
    },
  );

  const { violations, gaps } = await told(scenario, childless);

  expect(violations).toEqual([]);
  expect(gaps.map(({ reason, shardId }) => [reason, shardId.endsWith('-unseen')])).toEqual([['shard-vanished', true]]);
});
