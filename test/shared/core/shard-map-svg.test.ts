import { expect, test } from 'vitest';
import { shardMap } from '../../../shared/core/shard-map.ts';
import { shardMapSvg } from '../../../shared/core/shard-map-svg.ts';
import { manyShards } from '../../support/many-shards.ts';

const SIZES = [2, 7, 30, 60, 330, 1_900] as const;
const svgOf = (partitions: number, theme: 'light' | 'dark' = 'light') =>
  shardMapSvg(shardMap(manyShards(partitions)), { theme, width: 900 });

test.each(SIZES)('a map of %i partitions holds nothing that CloudWatch would take out', (partitions) => {
  const svg = svgOf(partitions);

  expect(svg).not.toMatch(/<(script|use|iframe|foreignObject|style|a)\b|\son\w+=|href|javascript:/i);
  expect(svg.match(/<[a-z]+/g)?.every((tag) => /^<(svg|g|title|text|rect|path|circle)$/.test(tag))).toBe(true);
});

test.each(SIZES)('every shard of %i partitions that is not folded tells its numbers to a hover', (partitions) => {
  const rows = manyShards(partitions);
  const { shards } = shardMap(rows);
  const svg = shardMapSvg(shardMap(rows), { theme: 'dark', width: 900 });

  for (const shard of shards.filter(({ generation }) => generation > 0))
    expect(svg).toContain(`<title>${shard.shardId}\n`);
});

test('names are escaped', () => {
  const map = shardMap({ ...manyShards(2), subscription: '<script>alert("x")</script> & more' });

  const svg = shardMapSvg(map, { theme: 'light', width: 900 });

  expect(svg).not.toContain('<script>');
  expect(svg).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; more');
});

test('the themes differ in nothing but colours', () => {
  const plain = (svg: string) => svg.replace(/#[0-9a-f]{6}/g, '#');

  expect(plain(svgOf(7, 'dark'))).toBe(plain(svgOf(7, 'light')));
  expect(svgOf(7, 'dark')).not.toBe(svgOf(7, 'light'));
});

test('two thousand shards fit an answer of Lambda many times over', () => {
  expect(Buffer.byteLength(svgOf(1_900))).toBeLessThan(1_500_000);
});

test('an empty stream, and one that is read to its end, say so', () => {
  const rows = { ...manyShards(2), rows: new Map() };

  expect(shardMapSvg(shardMap(rows), { theme: 'light', width: 900 })).toContain('no walk has listed them');
});

test('generations for which there is no room are counted', () => {
  const svg = shardMapSvg(shardMap(manyShards(3)), { theme: 'light', width: 400 });

  expect(svg).toContain('readable now, and 3 after');
});

test('a paused subscription says so', () => {
  expect(shardMapSvg(shardMap({ ...manyShards(2), isPaused: true }), { theme: 'light', width: 900 })).toContain(
    ', paused<',
  );
});

test('in a narrow widget every count is told, in as many lines as it takes, and names are cut off once', () => {
  const svg = shardMapSvg(shardMap(manyShards(7)), { theme: 'light', width: 320 });

  const drawn = svg.replaceAll(/<title>[^<]*<\/title>/g, '');
  for (const count of ['4 read by 2 workers', '1 halted at a gap', '1 with children to come', '34 finished']) {
    expect(drawn).toContain(count);
  }
  expect(drawn).toContain('…<');
  expect(drawn).not.toMatch(/…[ …]*…</);
});
