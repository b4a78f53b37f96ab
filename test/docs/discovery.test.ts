import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TableState } from '../../shared/core/table-registry.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const page = readFileSync(join(DOCS, 'discovery.md'), 'utf8').replaceAll(/\s+/g, ' ');

const STATES: Readonly<Record<TableState, true>> = {
  waiting: true,
  active: true,
  broken: true,
  unmatched: true,
  vanished: true,
  drained: true,
};

test('the page tells of every state that a table can be in, and of no other', () => {
  const told = [...page.matchAll(/\| `([a-z]+)` \|/g)].map(([, state]) => state);

  expect(told.toSorted()).toEqual(Object.keys(STATES).toSorted());
});

test('what a quiet table costs is what its calls cost', () => {
  const each =
    /(\$[\d.]+)(?: a month)?: (\d+) reads of its stream, (\d+) reads and (\d+) writes of the state table a minute/g;
  const told = [...page.matchAll(each)].map(([, dollars = '', pages, reads, writes]) => ({
    told: Number(dollars.slice(1)),
    costs: ((Number(pages) * 0.2 + Number(reads) * 0.125 + Number(writes) * 0.625) * 43_200) / 1e6,
  }));

  expect(told).toHaveLength(2);
  for (const one of told) expect(one.told).toBeCloseTo(one.costs, 2);
  expect(page).toContain(
    `some $${Math.round((told[0]!.costs * 300) / 10) * 10} or $${Math.round((told[1]!.costs * 300) / 10) * 10} a month`,
  );
});

test('its example is the recipe that is compiled', () => {
  const snippet = (name: string): string =>
    /pipeline\.subscribe\('tenants'[\s\S]*?\n\}\);/.exec(readFileSync(join(DOCS, name), 'utf8'))?.[0] ?? name;

  expect(snippet('discovery.md').replace('  keepAwake: true,\n', '')).toBe(snippet('cdk.md'));
});
