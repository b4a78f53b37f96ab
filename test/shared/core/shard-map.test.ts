import { expect, test } from 'vitest';
import { shardEnd } from '../../../shared/core/position.ts';
import { lagLevel, shardMap } from '../../../shared/core/shard-map.ts';
import { lanesOf } from '../../../shared/core/shard-map-lanes.ts';
import { HOUR, MINUTE, SECOND } from '../../support/durations.ts';
import { aStreamRow, MAP_MS, manyShards } from '../../support/many-shards.ts';
import { aGap, aSlot, rows, type ShardTree } from '../../support/shards.ts';

const finished = { position: shardEnd(), children: 'stored', finishedAtMs: MAP_MS - HOUR } as const;
const held = { epoch: 1, owner: 'walk-a', expiresAtMs: MAP_MS + MINUTE, caughtUpAtMs: MAP_MS } as const;

const mapOf = (tree: ShardTree, details: Parameters<typeof rows>[1] = {}) =>
  shardMap({
    subscription: 'orders',
    rows: rows(tree, details),
    slots: [aSlot({ worker: 3, owner: 'walk-a' })],
    moment: { nowMs: MAP_MS, stream: aStreamRow({ stream: { arn: 'arn', createdAtMs: MAP_MS - 2 * MINUTE } }) },
    isPaused: false,
  });
const shardOf = (map: ReturnType<typeof mapOf>, shardId: string) => map.shards.find((one) => one.shardId === shardId);

test('a shard that is read tells by which worker, and how far behind', () => {
  const map = mapOf({ a: [] }, { a: { ...held, caughtUpAtMs: MAP_MS - 30 * SECOND } });

  expect(shardOf(map, 'a')).toMatchObject({ state: 'read', owner: 'worker 3', lagMs: 30 * SECOND, level: 0 });
  expect(map).toMatchObject({ workers: 1, lagMs: 30 * SECOND, folded: 0 });
});

test.each([
  ['free', 'nobody', { epoch: 1 }],
  ['free', 'nobody (lease expired)', { ...held, expiresAtMs: MAP_MS - 1 }],
  ['read', 'a walk that ends', { ...held, owner: 'walk-z' }],
  ['halted', 'halted at a gap', { gap: aGap({ status: 'halted' }) }],
  ['childless', 'children not visible yet', { ...finished, children: 'not-visible' }],
] as const)('a shard is %s: %s', (state, owner, details) => {
  expect(shardOf(mapOf({ a: [] }, { a: details }), 'a')).toMatchObject({ state, owner });
});

test('generations that wait follow from left to right', () => {
  const map = mapOf({ a: ['b'], b: ['c'], c: ['d'] }, { a: finished, b: held });

  expect(map.shards.map(({ shardId, generation, state }) => [shardId, generation, state])).toEqual([
    ['a', 0, 'finished'],
    ['b', 1, 'read'],
    ['c', 2, 'waiting'],
    ['d', 3, 'waiting'],
  ]);
});

test('finished shards fold, but for the parents of those that are not', () => {
  const map = mapOf({ a: ['b'], b: ['c'], c: ['d'] }, { a: finished, b: finished, c: finished, d: held });

  expect(map.shards.map((shard) => shard.shardId)).toEqual(['c', 'd']);
  expect(map).toMatchObject({ folded: 2, counts: { finished: 3, read: 1 } });
});

test('a gap that was passed shows', () => {
  expect(shardOf(mapOf({ a: [] }, { a: { ...held, gap: aGap() } }), 'a')).toMatchObject({
    state: 'read',
    hasGap: true,
  });
});

test('a hover tells every number', () => {
  const gap = aGap({ status: 'halted', after: 'after-sequence-number(9)', detectedAtMs: MAP_MS - HOUR });
  const map = mapOf(
    { p: ['a'] },
    { p: finished, a: { ...held, gap, attempts: 3, claimant: 'walk-b', lastRecordAtMs: MAP_MS } },
  );

  expect(shardOf(map, 'a')?.details).toEqual([
    'a',
    'owner: halted at a gap, lease until 2026-03-14 15:10:26 UTC, epoch 1',
    'asked for by another worker',
    'lag: 0 s',
    'position: trim-horizon',
    'last settled record: 2026-03-14 15:09:26 UTC',
    'seen without unread records: 2026-03-14 15:09:26 UTC',
    'failed 3 times at this position',
    'gap (halted): trimmed, after-sequence-number(9), found 2026-03-14 14:09:26 UTC',
    'parent: p',
  ]);
});

test('levels begin at a minute, ten, an hour and a quarter of the retention', () => {
  expect([0, 59 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR].map(lagLevel)).toEqual([0, 0, 1, 2, 3, 4, 4]);
});

test('lineage that contradicts itself, or names parents that nobody knows, is drawn all the same', () => {
  const map = mapOf({ a: ['b'], b: ['a'] }, { a: { parents: ['b', 'gone'] } });

  expect(map.shards).toHaveLength(2);
  expect(lanesOf(map.shards)).toHaveLength(2);
});

test('no two shards of a generation share a place, whatever split or merged', () => {
  const trees: readonly ShardTree[] = [
    { a: ['b', 'c'], b: ['d', 'e'], c: ['f'] },
    { a: ['c'], b: ['c'], c: ['d', 'e'] },
    { a: ['b', 'c'], d: ['c', 'e'], e: ['f', 'g'] },
  ];
  const maps = [...trees.map((tree) => mapOf(tree)), shardMap(manyShards(50))];

  for (const { shards } of maps) {
    const places = lanesOf(shards).map(({ shard, lane }) => `${shard.generation}/${lane}`);
    expect(new Set(places).size).toBe(shards.length);
  }
});

test('a lineage of a thousand generations is drawn', () => {
  const chain = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`s${index}`, [`s${index + 1}`]]));

  expect(Math.max(...mapOf(chain).shards.map((shard) => shard.generation))).toBe(1_001);
});
