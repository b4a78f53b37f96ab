import type { Finding } from '../../../shared/core/operations-doctor.ts';
import { tableSubscription } from '../../../shared/core/table-registry.ts';
import type { RegistryRow } from '../../../shared/core/table-row.ts';
import { counted } from '../../output/words.ts';

/** What patterns have found, by the pattern's subscription. */
export type Patterns = ReadonlyMap<string, readonly RegistryRow[]>;

/** The subscription that the schedules of this one bear: of a pattern's table the pattern's. */
export const tickedAs = (name: string, patterns: Patterns): string =>
  [...patterns.keys()].find((pattern) => name.startsWith(`${pattern}/`)) ?? name;

/** Whether a subscription is of a table that a pattern reads no more: nothing of it is to be examined. */
export const isLeftTable = (name: string, patterns: Patterns): boolean =>
  (patterns.get(tickedAs(name, patterns)) ?? [])
    .filter((row) => row.kind === 'table')
    .filter(({ state }) => state === 'drained' || state === 'unmatched')
    .some((row) => tableSubscription(tickedAs(name, patterns), row) === name);

/** How a pattern's tables are, and whether they could be looked for. */
export function tablesChecks(pattern: string, rows: readonly RegistryRow[]): readonly Finding[] {
  const check = 'tables';
  const remedy = `millrace tables ${pattern}`;
  const tables = rows.filter((row) => row.kind === 'table');
  const failed = rows
    .filter((row) => row.kind === 'survey')
    .filter(({ failure }) => failure !== null)
    .map(({ region, failure }): Finding => ({ check, result: 'problem', detail: `${region}: ${failure}`, remedy }));
  const broken = tables
    .filter(({ state }) => state === 'broken')
    .map(
      ({ region, tableName, reason }): Finding => ({
        ...{ check, result: 'problem', remedy },
        detail: `${region}/${tableName} is broken: ${reason}`,
      }),
    );
  if (failed.length + broken.length > 0) return [...failed, ...broken];
  const active = tables.filter(({ state }) => state === 'active').length;
  return [{ check, result: 'ok', detail: `${counted(active, 'table', 'tables')} read` }];
}
