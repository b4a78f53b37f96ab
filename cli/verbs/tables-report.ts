import { errorMessage } from '../../shared/aws/errors.ts';
import { tableFinder } from '../../shared/aws/table-finder.ts';
import type { Failed } from '../../shared/core/ports.ts';
import { judgeName, judgeTable, type TablePattern } from '../../shared/core/table-pattern.ts';
import type { TableFinder, TablesPage } from '../../shared/core/table-ports.ts';
import { isOver, type TableRow, type TableState } from '../../shared/core/table-registry.ts';
import type { RegistryRow, SurveyRow } from '../../shared/core/table-row.ts';
import type { Session } from './session.ts';

/** One table, as a pattern sees it. */
export interface TableMatch {
  readonly region: string;
  readonly tableName: string;
  /** `null`: no walk has met it yet. */
  readonly tableId: string | null;
  readonly matches: boolean;
  /** What has become of it; `null` for one that is not followed. */
  readonly state: TableState | null;
  readonly sinceMs: number | null;
  readonly why: string;
}

export interface TablesReport {
  readonly subscription: string;
  readonly regions: readonly RegionSurvey[];
  readonly tables: readonly TableMatch[];
}

/** What the walks looked for in a region, and what the last listing found. */
export type RegionSurvey = Pick<SurveyRow, 'region' | 'pattern' | 'listedAtMs' | 'tables' | 'failure'>;

/** Every table of a pattern's regions, whether it matches, and why; with what the walks have made of it. */
export async function tablesReport(
  session: Session,
  subscription: string,
  rows: readonly RegistryRow[],
): Promise<TablesReport> {
  const surveys = rows.filter((row) => row.kind === 'survey');
  const followed = rows.filter((row) => row.kind === 'table');
  const others = await Promise.all(
    surveys.map((survey) =>
      othersOf(
        session,
        survey,
        followed.filter(({ region }) => region === survey.region),
      ),
    ),
  );
  const tables = [...followed.map(matchOf), ...others.flat()].toSorted(
    (a, b) => a.region.localeCompare(b.region) || a.tableName.localeCompare(b.tableName),
  );
  const regions = surveys.map(({ region, pattern, listedAtMs, tables: count, failure }) => ({
    ...{ region, pattern, listedAtMs, failure },
    tables: count,
  }));
  return { subscription, regions, tables };
}

const matchOf = ({ region, tableName, tableId, state, sinceMs, reason }: TableRow): TableMatch => ({
  ...{ region, tableName, tableId, state, sinceMs },
  matches: state === 'active' || state === 'waiting' || state === 'broken',
  why: reason,
});

/** The tables of a region that no walk follows, asked now. Where that is refused, what the walks found is all there is. */
async function othersOf(
  session: Session,
  { region, pattern }: RegionSurvey,
  followed: readonly TableRow[],
): Promise<readonly TableMatch[]> {
  const finder = tableFinder(session.clientsOf(region));
  const known = new Set(followed.filter((row) => !isOver(row)).map(({ tableName }) => tableName));
  const matches: TableMatch[] = [];
  try {
    for (const tableName of await namesOf(finder)) {
      if (known.has(tableName)) continue;
      const verdict = judgeName(pattern, tableName) ?? (await judged(finder, pattern, tableName));
      const why = verdict.matches ? `it ${verdict.why}: the next listing finds it` : `it ${verdict.why}`;
      matches.push({ region, tableName, tableId: null, matches: verdict.matches, state: null, sinceMs: null, why });
    }
  } catch (error) {
    console.error(`tables of ${region} that are not followed are not all shown: ${errorMessage(error)}`);
  }
  return matches;
}

async function namesOf(finder: TableFinder): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page: Exclude<TablesPage, Failed> = told(await finder.listTables(after));
    names.push(...page.names);
    after = page.next;
  } while (after !== null);
  return names;
}

async function judged(finder: TableFinder, pattern: TablePattern, tableName: string) {
  const gone = { matches: false, why: 'was deleted just now' };
  const described = told(await finder.describeTable(tableName));
  if (described.kind === 'none') return gone;
  const tagged = told(await finder.tagsOf(described.table.arn));
  return tagged.kind === 'none' ? gone : judgeTable(pattern, tableName, tagged.tags);
}

function told<T extends { readonly kind: string }>(answer: T | Failed): Exclude<T, Failed> {
  if (answer.kind === 'failed') throw new Error((answer as Failed).message);
  return answer as Exclude<T, Failed>;
}
