import { expect, test } from 'vitest';
import type { Failed, Source } from '../../shared/core/ports.ts';
import { walk } from '../../shared/walker.ts';
import { MINUTE, SECOND } from '../support/durations.ts';
import { calmScenario } from '../support/simulation/calm-scenario.ts';
import type { Scenario } from '../support/simulation/scenario.ts';
import { type Sabotage, simulate } from '../support/simulation/simulation.ts';
import type { World } from '../support/simulation/world.ts';

const THROTTLED: Failed = { kind: 'failed', reason: 'throttled', message: 'simulated' };

/** Walks of a minute each; what the source does differently, and how many changes were accepted at each moment asked for. */
async function read(
  scenario: Scenario,
  change: (source: Source, sinceMs: () => number, oldest: () => string) => Partial<Source>,
  momentsMs: readonly number[] = [],
) {
  const accepted: number[] = [];
  const sabotage: Sabotage = (ports, _process, { clock, startMs, stream }) => {
    const oldest = () => stream.lives[0]!.shards.keys().next().value!;
    return { ...ports, source: { ...ports.source, ...change(ports.source, () => clock.nowMs() - startMs, oldest) } };
  };
  const onWorld = ({ clock, ledger }: World) => {
    for (const atMs of momentsMs)
      clock.after(atMs, () => void accepted.push(ledger.generations.get(1)?.accepted.size ?? 0));
  };
  const { violations, records } = await simulate(1, { walk, scenario, sabotage, onWorld });
  return { violations, records, accepted };
}

const scenario = (request: Partial<Scenario['request']>, changes: Partial<Scenario>) =>
  calmScenario(request, { walkMs: MINUTE, calmAtMs: 3 * MINUTE, ...changes });

test('a shard that cannot be read holds up no other, and loses nothing', async () => {
  const failing = (source: Source, sinceMs: () => number, oldest: () => string): Partial<Source> => {
    const iterators = new Set<string>();
    return {
      open: async (stream, shardId, position) => {
        const opened = await source.open(stream, shardId, position);
        if (opened.kind === 'opened' && shardId === oldest()) iterators.add(opened.iterator);
        return opened;
      },
      read: async (stream, iterator) => {
        if (iterators.has(iterator) && sinceMs() > 5 * SECOND && sinceMs() < 2 * MINUTE) return THROTTLED;
        const page = await source.read(stream, iterator);
        if (page.kind === 'page' && page.next !== null && iterators.has(iterator)) iterators.add(page.next);
        return page;
      },
    };
  };
  const shards = { ...scenario({}, {}).stream, shards: 2 };

  const { violations, accepted } = await read(scenario({}, { stream: shards }), failing, [20 * SECOND, 110 * SECOND]);

  expect(violations).toEqual([]);
  expect(accepted[1]).toBeGreaterThan(accepted[0]! + 20);
});

test('a slow handler of one shard keeps the records of no other waiting', async () => {
  const shards = { ...scenario({}, {}).stream, shards: 2 };
  const slow = scenario({ handler: { functionArn: 'arn:handler', timeoutMs: MINUTE } }, { stream: shards });
  const accepted: number[] = [];
  const sabotage: Sabotage = (ports, _process, { clock }) => {
    let isFirst = true;
    const deliver: typeof ports.sink.deliver = async (batch) => {
      const isSlow = isFirst;
      isFirst = false;
      const answer = await ports.sink.deliver(batch);
      if (isSlow) await clock.sleep(50 * SECOND);
      return answer;
    };
    return { ...ports, sink: { deliver } };
  };
  const onWorld = ({ clock, ledger }: World) => {
    for (const atMs of [10 * SECOND, 45 * SECOND])
      clock.after(atMs, () => void accepted.push(ledger.generations.get(1)?.accepted.size ?? 0));
  };

  const { violations } = await simulate(1, { walk, scenario: { ...slow, walkMs: 15 * MINUTE }, sabotage, onWorld });

  expect(violations).toEqual([]);
  expect(accepted[1]).toBeGreaterThan(accepted[0]! + 10);
});

test('children that nothing shows when their parent ends are read once a later walk sees them', async () => {
  const hidden = (source: Source, sinceMs: () => number, oldest: () => string): Partial<Source> => ({
    listShards: async (stream, after) => {
      const page = await source.listShards(stream, after);
      if (page.kind !== 'page' || sinceMs() > 2 * MINUTE) return page;
      return { ...page, shards: page.shards.filter(({ shardId }) => shardId === oldest()) };
    },
    childrenOf: async (stream, shardId) =>
      sinceMs() > 2 * MINUTE ? source.childrenOf(stream, shardId) : { kind: 'children', shards: [] },
  });
  const split = scenario({}, { incidents: [{ atMs: 10 * SECOND, what: 'split' }] });

  const { violations, records, accepted } = await read(split, hidden, [30 * SECOND, 110 * SECOND]);

  expect(violations).toEqual([]);
  expect(accepted[1]).toBe(accepted[0]);
  expect(records).toBeGreaterThan(accepted[1]!);
});

test('a child whose first reads are throttled is read from its beginning', async () => {
  const refused = (source: Source, sinceMs: () => number, oldest: () => string): Partial<Source> => ({
    open: async (stream, shardId, position) =>
      shardId !== oldest() && sinceMs() < 2 * MINUTE ? THROTTLED : source.open(stream, shardId, position),
  });
  const rolled = scenario({}, { incidents: [{ atMs: 10 * SECOND, what: 'roll' }] });

  const { violations, records, accepted } = await read(rolled, refused, [30 * SECOND, 110 * SECOND]);

  expect(violations).toEqual([]);
  expect(accepted[1]).toBe(accepted[0]);
  expect(records).toBeGreaterThan(accepted[1]!);
});

test('LATEST is the moment of the first walk, also for a later one that is the first to read', async () => {
  const unread = (source: Source, sinceMs: () => number): Partial<Source> => ({
    open: async (stream, shardId, position) =>
      sinceMs() < 2 * MINUTE ? THROTTLED : source.open(stream, shardId, position),
  });

  const { violations, records, accepted } = await read(scenario({ start: { at: 'latest' } }, {}), unread, [MINUTE]);

  expect(violations).toEqual([]);
  expect(accepted).toEqual([0]);
  expect(records).toBeGreaterThan(100);
});
