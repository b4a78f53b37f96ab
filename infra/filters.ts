import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { MillraceError } from '../shared/core/errors.ts';
import { type FilterPattern, recordFilter } from '../shared/core/filter.ts';
import { type Feed, neverMatching } from '../shared/core/filter-check.ts';
import type { StreamViewType } from '../shared/core/record.ts';
import { refuse } from './range.ts';

/** Lambda's quota for one mapping, and what it can be raised to. */
const MOST = 10;
const LONGEST = 4_096;

/** What patterns are looked at beside: what carries the changes, and what the source itself narrows them to. */
interface Filtered {
  readonly feed: Feed;
  readonly viewType: StreamViewType | undefined;
  readonly onlyTable?: string;
}

/**
 * The patterns of a subscription's filters, as objects; for one table's changes in a stream of several, one at least.
 *
 * Fails where Lambda would refuse one, and where one could never match: Lambda takes such a pattern, and then drops
 * every change in silence.
 */
export function filterPatterns(
  scope: IConstruct,
  filters: readonly FilterPattern[] | undefined,
  { feed, viewType, onlyTable }: Filtered,
): readonly FilterPattern[] {
  const patterns = (filters ?? []).map((filter, index) => patternOf(scope, `filters[${index}]`, filter));
  if (filters?.length === 0) refuse(scope, 'filters must be left out or have at least one filter, got none');
  if (patterns.length > MOST) refuse(scope, `filters must be at most ${MOST}, got ${patterns.length}`);
  patterns.forEach((pattern, index) => {
    const name = `filters[${index}]`;
    const text = JSON.stringify(pattern);
    if (!Token.isUnresolved(text) && text.length > LONGEST) {
      refuse(scope, `${name} must have at most ${LONGEST} characters as JSON, got ${text.length}`);
    }
    checkForm(scope, name, pattern);
    const reason = neverMatching(pattern, viewType, feed);
    if (reason !== undefined) refuse(scope, `${name}.${reason}`);
    if (onlyTable !== undefined && pattern.tableName !== undefined) {
      const given = JSON.stringify(pattern.tableName);
      refuse(scope, `${name}.tableName must be left out: the source is the table ${onlyTable} alone, got ${given}`);
    }
  });
  if (onlyTable === undefined) return patterns;
  return (patterns.length === 0 ? [{}] : patterns).map((pattern) => ({ ...pattern, tableName: [onlyTable] }));
}

/** The same patterns as Lambda reads them for Kinesis: a change is the record's data. */
export const inData = (patterns: readonly FilterPattern[]): readonly FilterPattern[] =>
  patterns.map((data) => ({ data }));

/** `FilterCriteria.filter` wraps a pattern in text; a plain pattern is taken, too. */
function patternOf(scope: IConstruct, name: string, filter: FilterPattern): FilterPattern {
  const { pattern } = filter;
  if (typeof pattern !== 'string') return filter;
  const parsed = parsedJson(pattern);
  return typeof parsed === 'object' && parsed !== null
    ? (parsed as FilterPattern)
    : refuse(scope, `${name}.pattern must be an object as JSON, got ${pattern}`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function checkForm(scope: IConstruct, name: string, pattern: FilterPattern): void {
  try {
    recordFilter([pattern]);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    refuse(scope, error.message.replace(/^filters/, name));
  }
}
