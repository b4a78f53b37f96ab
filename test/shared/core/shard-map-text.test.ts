import { expect, test } from 'vitest';
import { shardMap } from '../../../shared/core/shard-map.ts';
import { shardMapText } from '../../../shared/core/shard-map-text.ts';
import { manyShards } from '../../support/many-shards.ts';

test('a terminal shows the lineage as a tree', () => {
  expect(shardMapText(shardMap(manyShards(5)))).toMatchInlineSnapshot(`
    "orders-abroad: 32 shards (2 read, 1 free, 3 waiting, 1 halted at a gap, 1 with children to come, 24 finished); lag 3 h 50 m, 20.2 h until loss
    19 finished before
    · 05:43 37a47e8d                        finished
    └─ ● 09:43 0858ccce        ▆ 3 h 50 m   worker 1  after …037310
       └─ ◌ 13:43 85e7757e     ▆ 1 h 25 m   waits for its parent
          ├─ ◌ 13:48 87e1d07c  ▆ 1 h 20 m   waits for its parent
          └─ ◌ 13:48 8f0b9a52  ▆ 1 h 20 m   waits for its parent
    · 08:57 b558472b                        finished
    └─ ◇ 12:57 a3a909b8        ▁ 50 s       children not visible yet
    · 10:09 d76d3000                        finished
    └─ ○ 14:09 3be59172        ▃ 1 m 35 s   nobody  after …879883
    · 10:22 dfab0767                        finished
    └─ ● 14:22 171ed60e        ▁ 34 s       worker 2  after …443564
    · 10:29 ed869c71                        finished
    └─ × 14:29 2b65cbd9        ▅ 39 m 58 s  halted at a gap  gap"
  `);
});

test('of many shards those in trouble and furthest behind are shown, and the others counted', () => {
  const text = shardMapText(shardMap(manyShards(300)), { lines: 8 });

  expect(text.split('\n')).toHaveLength(10);
  expect(text).toContain('halted at a gap');
  expect(text).toMatch(/and 295 more, none of them further behind$/);
});

test('lines are painted by their level, and padded before', () => {
  const text = shardMapText(shardMap(manyShards(2)), { paint: (level, line) => `${level}<${line}>` });

  expect(text.split('\n').filter((line) => /^3<.*>$/.test(line))).toHaveLength(4);
});

test('a stream without shards says so', () => {
  expect(shardMapText(shardMap({ ...manyShards(2), rows: new Map(), isPaused: true }))).toBe(
    'orders-abroad (paused): 0 shards (0 read); lag 0 s, 24.0 h until loss\nno shards yet: no walk has listed them',
  );
});
