import { inspect, styleText } from 'node:util';
import type { ItemDifference } from '../../shared/core/verify.ts';
import type { Verified, VerifyProgress } from '../verbs/verify-run.ts';
import { barText } from './run-text.ts';
import { counted } from './words.ts';

/** How far a comparison is, in a line of a terminal. */
export function verifyLine({ items, doubtful, differences }: VerifyProgress, expected: number): string {
  const bar = expected > 0 ? [barText(items / expected)] : [];
  const more = [
    ...(doubtful > 0 ? [`${doubtful} to look at again`] : []),
    ...(differences > 0 ? [counted(differences, 'difference', 'differences')] : []),
  ];
  return [[...bar, counted(items, 'item', 'items')].join(' '), ...more].join(', ');
}

interface Tables {
  readonly source: string;
  readonly target: string;
  readonly isSample: boolean;
}

/** What a comparison found, for a person: the sum, then each difference. */
export function verifiedText(verified: Verified, tables: Tables, stream: NodeJS.WritableStream): string {
  const { compared, missing, extra, different, passed, shown } = verified;
  const found = missing + extra + different;
  const extent = `${tables.isSample ? 'a sample of ' : ''}${counted(compared, 'item', 'items')} of ${tables.source}`;
  const passing = passed > 0 ? [`${counted(passed, 'item', 'items')} differed at the first look only`] : [];
  if (found === 0) return [`${extent}: the same in ${tables.target}`, ...passing].join('; ');
  const kinds = [
    `${missing} missing in ${tables.target}`,
    // Of a sample, the target is not searched for more.
    ...(tables.isSample && extra === 0 ? [] : [`${extra} only there`]),
    `${different} different`,
  ];
  const head = [`${extent}: ${counted(found, 'difference', 'differences')} (${kinds.join(', ')})`, ...passing].join(
    '; ',
  );
  const left = found - shown.length;
  const rest = left > 0 ? [`and ${left} more: --limit shows more`] : [];
  return [head, ...shown.map((one) => differenceText(one, stream)), ...rest].join('\n');
}

const COLOURS = { missing: 'red', extra: 'yellow', different: 'yellow' } as const;

function differenceText(difference: ItemDifference, stream: NodeJS.WritableStream): string {
  const key = Object.entries(difference.key).map(([name, value]) => `${name}=${shownText(Object.values(value)[0])}`);
  const head = `${styleText(COLOURS[difference.kind], difference.kind, { stream })}  ${key.join(' ')}`;
  if (difference.kind !== 'different') return head;
  const paths = difference.attributes.map(
    ({ path, oldValue, newValue }) => `  ${path}: ${side(oldValue)} in the source, ${side(newValue)} in the target`,
  );
  return [head, ...paths].join('\n');
}

const side = (value: unknown): string => (value === undefined ? 'nothing' : shownText(value));

const shownText = (value: unknown): string =>
  inspect(value, {
    depth: 4,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 100,
    maxArrayLength: 10,
    sorted: true,
  });
