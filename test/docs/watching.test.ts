import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MeasuredSubscription } from '../../infra/measured-subscription.ts';
import { drawings, pictures } from '../../scripts/docs-pictures.ts';
import { METRICS } from '../../shared/core/metrics.ts';
import { shardMap } from '../../shared/core/shard-map.ts';
import { shardMapText } from '../../shared/core/shard-map-text.ts';
import { alarmsOf, aMapped, aWalked, aWatch } from '../infra/a-watch.ts';
import { manyShards } from '../support/many-shards.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const page = readFileSync(join(DOCS, 'watching.md'), 'utf8');

/** The cells of the rows of the table whose header begins with `header`. */
function rowsOf(header: string): readonly (readonly string[])[] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${header} `));
  const rows = lines.slice(start + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .map((cells) => cells.slice(1, -1));
}

test('every metric is told with its unit, and none that does not exist', () => {
  const told = rowsOf('metric').map(([name, unit]) => [name, unit] as const);

  expect(Object.fromEntries(told)).toEqual(METRICS);
});

/** With a subscription of each kind that has alarms of its own. */
const everyAlarm = () => aWatch({}, (stack) => [aMapped(stack), aWalked(stack, { isForTables: true })]);

test('every alarm is told with its cause and its cure, and none that does not exist', () => {
  const made = Object.keys(alarmsOf(everyAlarm().template)).map((id) =>
    id.replace(/^(ordersabroad|orders|WalkerAlarms)/, ''),
  );

  expect(
    rowsOf('alarm')
      .map(([name]) => name)
      .sort(),
  ).toEqual([...new Set(made)].sort());
  for (const cells of rowsOf('alarm')) expect(cells.slice(1).filter((cell) => cell.length < 8)).toEqual([]);
});

test('the drawings are what the code draws: run node scripts/docs-pictures.ts after a change', () => {
  for (const [name, svg] of Object.entries(drawings())) {
    expect(readFileSync(join(DOCS, 'images', name), 'utf8') === svg, name).toBe(true);
    expect(page).toContain(`(images/${name})`);
  }
});

test.each(Object.entries(pictures()))('%s is of the size that the code draws, small, and shown', (name, svg) => {
  const png = readFileSync(join(DOCS, 'images', name));

  const [, width, height] = /width="(\d+)" height="([\d.]+)"/.exec(svg) ?? [];
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([Number(width), Math.ceil(Number(height))]);
  expect(png.length).toBeLessThan(150_000);
  expect(page).toContain(`images/${name}`);
});

test("the terminal's picture is what the code prints", () => {
  const [, block = ''] = /<!-- shardMapText -->\n```\n([\s\S]*?)\n```/.exec(page) ?? [];

  expect(block).toBe(shardMapText(shardMap(manyShards(5))));
});

test('each saved query and each method for a metric is named', () => {
  for (const words of ['slowest subscriptions', 'errors by item', "a record's history"]) expect(page).toContain(words);
  for (const name of Object.getOwnPropertyNames(MeasuredSubscription.prototype)) {
    if (name.startsWith('metric')) expect(page).toContain(`${name}(`);
  }
});
