import Table from 'cli-table3';
import type { Figure } from './figure.ts';
import { isReached, isUnsure, type Row } from './row.ts';

const HEAD = ['what', 'this project', 'compared with', 'theirs', 'ratio', 'to reach', ''];

/** The rows for a terminal. */
export function terminalTable(rows: readonly Row[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] }, wordWrap: true, colWidths: WIDTHS });
  for (const row of rows) table.push([...cells(row)]);
  return table.toString();
}

/** The rows for a page. */
export const markdownTable = (rows: readonly Row[]): string =>
  [HEAD, HEAD.map(() => '---'), ...rows.map(cells)].map((line) => `| ${line.join(' | ')} |`).join('\n');

const WIDTHS = [44, 20, 34, 20, 24, 16, 13];

function cells(row: Row): readonly string[] {
  return [
    row.what,
    `${shown(row.ours)} ${row.unit}`,
    row.comparison?.name ?? '',
    row.comparison ? `${shown(row.comparison.theirs)} ${row.unit}` : '',
    row.ratio ? `${shown(row.ratio.figure)} ${row.ratio.meaning}` : '',
    row.target ? `${row.target.bound.replace('-', ' ')} ${row.target.value}` : '',
    verdict(row),
  ];
}

function verdict(row: Row): string {
  const reached = isReached(row);
  if (reached === null) return '';
  return `${reached ? 'reached' : 'not reached'}${isUnsure(row) ? ', unsure' : ''}`;
}

const shown = ({ median, noise }: Figure): string =>
  noise === 0 ? rounded(median) : `${rounded(median)} ±${Math.round(noise * 100)}%`;

/** Three digits that count. */
function rounded(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}
