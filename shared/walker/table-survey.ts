import type { TablesPage } from '../core/table-ports.ts';
import { isOver, unmatchTable } from '../core/table-registry.ts';
import type { RegistryRow } from '../core/table-row.ts';
import { pacer } from './pacer.ts';
import { type Look, lookAtName, lookAtTable, patiently, type Survey, write } from './table-look.ts';

/** DescribeTable and ListTables belong to the control plane, whose limits are far above twenty calls a second. */
const DESCRIBE_EVERY_MS = 50;
/** ListTagsOfResource takes ten calls a second and account: half of them are ours. */
const TAGS_EVERY_MS = 200;

/**
 * Lists a region's tables and writes down what has become of each that matches, or has matched.
 *
 * Each table is settled by itself: what is wrong with one is its own row's reason, and stops no other.
 */
export async function surveyRegion(survey: Survey, rows: readonly RegistryRow[]): Promise<void> {
  const look = lookOf(survey, rows);
  const names = await allNames(look);
  if (names !== null) {
    for (const name of names) if (!look.signal.aborted) await lookAtName(look, name);
    const listed = new Set(names);
    const unlisted = new Set(look.rows.filter((row) => !isOver(row)).map((row) => row.tableName));
    // A listing lags: only the table itself proves that it is gone.
    for (const name of unlisted) if (!listed.has(name) && !look.signal.aborted) await lookAtTable(look, name);
    if (!look.signal.aborted) look.report({ kind: 'tables-listed', region: look.region, tables: names.length });
  }
  if (look.signal.aborted) return;
  const known = rows.find((row) => row.kind === 'survey' && row.region === look.region);
  const last = known?.kind === 'survey' ? known : { listedAtMs: 0, tables: 0 };
  const next = {
    kind: 'survey',
    revision: (known?.revision ?? -1) + 1,
    region: look.region,
    pattern: look.pattern,
    listedAtMs: names === null ? last.listedAtMs : look.clock.nowMs(),
    tables: names?.length ?? last.tables,
    failure: look.failures[0] ?? null,
  } as const;
  await look.registry.put(look.subscription, next, known?.revision ?? null);
}

/** Looks again at tables that are waited for. */
export async function lookAgain(survey: Survey, rows: readonly RegistryRow[]): Promise<void> {
  const look = lookOf(survey, rows);
  for (const row of look.rows)
    if (row.state === 'waiting' && !look.signal.aborted) await lookAtName(look, row.tableName);
}

/** Lets go of the tables of regions that are not asked for any more. */
export async function leaveRegions(
  { regions, ...survey }: Omit<Survey, 'region' | 'finder'> & { readonly regions: readonly string[] },
  rows: readonly RegistryRow[],
): Promise<void> {
  for (const row of rows) {
    if (row.kind !== 'table' || regions.includes(row.region) || isOver(row) || row.state === 'unmatched') continue;
    await write(survey, row, unmatchTable(row, 'its region is not asked for any more', survey.clock.nowMs()));
  }
}

async function allNames(look: Look): Promise<readonly string[] | null> {
  const names: string[] = [];
  for (let after: string | null = null; ; ) {
    const from: string | null = after;
    const page: TablesPage = await patiently(look, look.describes, 'list tables', () => look.finder.listTables(from));
    if (page.kind === 'failed') return null;
    names.push(...page.names);
    if (page.next === null) return names;
    after = page.next;
  }
}

function lookOf(survey: Survey, rows: readonly RegistryRow[]): Look {
  return {
    ...survey,
    describes: pacer(survey.clock, DESCRIBE_EVERY_MS),
    tags: pacer(survey.clock, TAGS_EVERY_MS),
    rows: rows.filter((row) => row.kind === 'table').filter((row) => row.region === survey.region),
    failures: [],
  };
}
