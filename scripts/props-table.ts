import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Which interface fills which table of docs/cdk.md, and what a prop of it is for. */
const TABLES = [
  { marker: 'pipeline', file: 'change-pipeline.ts', interfaces: { ChangePipelineProps: 'both' } },
  { marker: 'watch', file: 'pipeline-watch.ts', interfaces: { WatchOptions: 'both' } },
  { marker: 'thresholds', file: 'alarm-thresholds.ts', interfaces: { AlarmThresholds: 'both' } },
  {
    marker: 'subscription',
    file: 'subscription-props.ts',
    interfaces: {
      SubscriptionProps: 'both',
      DeliveryOptions: 'both',
      MappingOptions: 'mapping',
      WalkerOptions: 'walker',
    },
  },
  { marker: 'parking', file: 'parking.ts', interfaces: { ParkingOptions: 'both' } },
  { marker: 'bootstrap', file: 'bootstrap.ts', interfaces: { BootstrapOptions: 'walker', BootstrapExport: 'walker' } },
  { marker: 'table', file: 'source-table.ts', interfaces: { TableSourceOptions: 'both', StreamReplacement: 'both' } },
  { marker: 'tables', file: 'tables-source.ts', interfaces: { TablesSourceOptions: 'walker' } },
] as const;

/** Interfaces whose props are told as those of the prop that takes them. */
const NESTED: Readonly<Record<string, string>> = {
  AlarmThresholds: 'alarmThresholds.',
  StreamReplacement: 'replaceStream.',
  ParkingOptions: 'parking.',
  BootstrapOptions: 'bootstrap.',
  BootstrapExport: 'bootstrap.export.',
};

const ROOT = join(import.meta.dirname, '..');
const DOC = join(ROOT, 'docs', 'cdk.md');

/** One prop, as its doc comment tells it. */
export interface Prop {
  readonly name: string;
  readonly isOptional: boolean;
  readonly meaning: string;
  readonly fallback: string;
}

/** Every prop of an interface in the text of a source. */
export function propsOf(source: string, name: string): readonly Prop[] {
  const body = new RegExp(`export interface ${name}[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1];
  if (body === undefined) throw new Error(`there is no interface ${name}`);
  const members = body.matchAll(/^ {2}\/\*\*([\s\S]*?)\*\/\n {2}readonly (\w+)(\??):/gm);
  return [...members].map(([, comment = '', prop = '', optional]) => {
    const text = comment
      .split('\n')
      .map((line) => line.replace(/^\s*\*? ?/, '').trim())
      .join(' ')
      .replaceAll(/\s+/g, ' ')
      .trim();
    const [meaning = '', fallback = ''] = text.split('@default');
    return { name: prop, isOptional: optional === '?', meaning: meaning.trim(), fallback: fallback.trim() };
  });
}

/** The table of a marker, made from the source. */
export function tableOf(marker: string): string {
  const table = TABLES.find((one) => one.marker === marker);
  if (table === undefined) throw new Error(`there is no table ${marker}`);
  const source = readFileSync(join(ROOT, 'infra', table.file), 'utf8');
  const rows = Object.entries(table.interfaces).flatMap(([name, path]) =>
    propsOf(source, name).map((prop) => {
      const fallback = prop.isOptional ? fallbackOf(prop.fallback) : 'required';
      return [`\`${NESTED[name] ?? ''}${prop.name}\``, cell(prop.meaning), cell(fallback), path];
    }),
  );
  return padded([['prop', 'meaning and range', 'default', 'path'], ...rows]);
}

/** Rows as a table whose columns are straight. */
function padded([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_title, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], fill: string): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  return [line(head, ' '), line([], '-'), ...rows.map((row) => line(row, ' '))].join('\n');
}

/** The document with its tables as the source has them now. */
export function withTables(document: string): string {
  return document.replaceAll(
    /(<!-- props: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_whole, start: string, marker: string, end: string) => `${start}${tableOf(marker)}\n${end}`,
  );
}

export const markers = TABLES.map((table) => table.marker);

const fallbackOf = (text: string): string => (text.startsWith('- ') ? text.slice(2) : `\`${text}\``);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\{@link (\w+)\}/g, '`$1`');

/** A document without the padding of its tables. */
export const unpadded = (document: string): string => document.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(DOC, withTables(readFileSync(DOC, 'utf8')));
}
