import { styleText } from 'node:util';
import type { TableMatch, TablesReport } from '../verbs/tables-report.ts';
import { type Column, tableText } from './table.ts';
import { counted, durationText, momentText } from './words.ts';

const COLUMNS: readonly Column[] = [
  { head: 'table' },
  { head: 'matches' },
  { head: 'state' },
  { head: 'since', align: 'right' },
  { head: 'why' },
];

const COLOURS: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = { active: 'green', broken: 'red' };

/** What a pattern looks for, and every table with what decided on it. */
export function tablesText({ regions, tables }: TablesReport, nowMs: number, stream: NodeJS.WritableStream): string {
  const heads = regions.map(({ region, pattern, listedAtMs, tables: count, failure }) => {
    const tags = Object.entries(pattern.tags).map(([name, value]) => `${name}=${value}`);
    const looked = [
      `${region}: ${pattern.include.join(', ')}`,
      ...(pattern.exclude.length > 0 ? [`without ${pattern.exclude.join(', ')}`] : []),
      ...(tags.length > 0 ? [`with ${tags.join(', ')}`] : []),
      listedAtMs === 0 ? 'never listed' : `${counted(count, 'table', 'tables')} ${momentText(listedAtMs, nowMs)}`,
    ].join('; ');
    return failure === null ? looked : `${looked}\n  ${failure}`;
  });
  if (tables.length === 0) return [...heads, '', 'no tables'].join('\n');
  const body = tableText(
    COLUMNS,
    tables.map((table) => row(table, nowMs, stream)),
  );
  return [...heads, '', body].join('\n');
}

const row = (
  { region, tableName, matches, state, sinceMs, why }: TableMatch,
  nowMs: number,
  stream: NodeJS.WritableStream,
): readonly string[] => [
  `${region}/${tableName}`,
  matches ? 'yes' : 'no',
  state === null ? '-' : styleText(COLOURS[state] ?? 'yellow', state, { stream }),
  sinceMs === null ? '-' : durationText(nowMs - sinceMs),
  why,
];
