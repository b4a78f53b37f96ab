import { MillraceError } from './errors.ts';

/** An event filter pattern of Lambda: nested objects down to lists of alternatives. */
export interface FilterPattern {
  readonly [field: string]: unknown;
}

/** Whether a record, in the JSON of Lambda's event, passes. */
export type RecordFilter = (record: unknown) => boolean;

type Rule = (value: unknown) => boolean;

/**
 * Filters records with the meaning that Lambda gives the same patterns on an event source mapping.
 *
 * Fields of a pattern are ANDed, alternatives of a list and patterns of the list are ORed. A list in the record matches
 * when one of its elements does. Text compares exactly. A field that is missing matches `exists: false` only.
 * @param patterns none lets every record pass.
 * @throws MillraceError `invalid-request` on a pattern that Lambda refuses, too.
 */
export function recordFilter(patterns: readonly FilterPattern[]): RecordFilter {
  if (patterns.length === 0) return () => true;
  const rules = patterns.map((pattern) => objectRule(pattern, 'filters'));
  return (record) => rules.some((matches) => matches(record));
}

/** One object of a pattern. Against a list of objects, a single element has to satisfy all its fields. */
function objectRule(pattern: FilterPattern, path: string): Rule {
  const fields = Object.entries(pattern).map(([name, below]) =>
    name === '$or' ? orRule(below, `${path}.$or`) : fieldRule(name, below, `${path}.${name}`),
  );
  if (fields.length === 0) refuse(path, 'an object with at least one field', pattern);
  const matches: Rule = (value) => fields.every((field) => field(value));
  return (value) => (Array.isArray(value) && value.length > 0 ? value.some(matches) : matches(value));
}

function orRule(below: unknown, path: string): Rule {
  if (!Array.isArray(below) || below.length < 2) return refuse(path, 'a list of at least two patterns', below);
  const rules = below.map((one, index) =>
    isObject(one) ? objectRule(one, `${path}[${index}]`) : refuse(`${path}[${index}]`, 'a pattern', one),
  );
  return (value) => rules.some((matches) => matches(value));
}

function fieldRule(name: string, below: unknown, path: string): Rule {
  const matches = Array.isArray(below)
    ? leafRule(below, path)
    : isObject(below)
      ? objectRule(below, path)
      : refuse(path, 'a list of alternatives or an object', below);
  return (value) => matches(isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
}

/** A list of alternatives against a leaf of the record: one value, a list of values, or nothing. */
function leafRule(alternatives: readonly unknown[], path: string): Rule {
  if (alternatives.length === 0) refuse(path, 'a list with at least one alternative', alternatives);
  const rules = alternatives.map((one, index) => alternativeRule(one, `${path}[${index}]`));
  return (value) => rules.some((matches) => matches(value));
}

function alternativeRule(alternative: unknown, path: string): Rule {
  if (!isObject(alternative)) return anyLeaf(equalTo(alternative, path));
  const [operator, ...others] = Object.keys(alternative);
  if (operator === undefined || others.length > 0) return refuse(path, 'an object with one operator', alternative);
  const operand = alternative[operator];
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') refuse(`${path}.exists`, 'true or false', operand);
    // As in AWS's matcher, only leaves exist: an object between the root and a leaf counts as absent.
    return (value) => leaves(value).length > 0 === operand;
  }
  return anyLeaf(valueRule(operator, operand, path));
}

function valueRule(operator: string, operand: unknown, path: string): Rule {
  switch (operator) {
    case 'anything-but': {
      const excluded = exclusionRule(operand, `${path}.anything-but`);
      return (value) => !excluded(value);
    }
    case 'numeric':
      return numericRule(operand, `${path}.numeric`);
    default:
      return textRule(operator, operand, path);
  }
}

function exclusionRule(operand: unknown, path: string): Rule {
  if (isObject(operand)) {
    const [operator, ...others] = Object.entries(operand);
    if (operator === undefined || others.length > 0) return refuse(path, 'an object with one operator', operand);
    return textRule(operator[0], operator[1], path);
  }
  const values = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0 || !values.every(isTextOrNumber)) refuse(path, 'text, numbers, or a list of them', operand);
  return (value) => values.includes(value);
}

function textRule(operator: string, operand: unknown, path: string): Rule {
  if (!Object.hasOwn(TEXT_OPERATORS, operator)) {
    return refuse(path, `one of ${OPERATORS.map((one) => JSON.stringify(one)).join(', ')}`, operator);
  }
  if (typeof operand !== 'string') return refuse(`${path}.${operator}`, 'text', operand);
  const matches = TEXT_OPERATORS[operator as keyof typeof TEXT_OPERATORS];
  return (value) => typeof value === 'string' && matches(value, operand);
}

const TEXT_OPERATORS = {
  prefix: (value: string, operand: string) => value.startsWith(operand),
  suffix: (value: string, operand: string) => value.endsWith(operand),
  'equals-ignore-case': (value: string, operand: string) => value.toLowerCase() === operand.toLowerCase(),
} as const;
const OPERATORS = [...Object.keys(TEXT_OPERATORS), 'anything-but', 'numeric', 'exists'];

function numericRule(operand: unknown, path: string): Rule {
  const isComparison = Array.isArray(operand) && (operand.length === 2 || operand.length === 4);
  if (!isComparison) return refuse(path, 'a list such as [">", 0] or [">", 0, "<=", 5]', operand);
  const comparisons = [operand.slice(0, 2), operand.slice(2)].filter((one) => one.length > 0);
  const rules = comparisons.map(([operator, bound]) => {
    if (typeof operator !== 'string' || !Object.hasOwn(NUMERIC_OPERATORS, operator)) {
      return refuse(path, `one of ${Object.keys(NUMERIC_OPERATORS).join(' ')} before a number`, operator);
    }
    if (typeof bound !== 'number') return refuse(path, `a number after ${operator}`, bound);
    const holds = NUMERIC_OPERATORS[operator as keyof typeof NUMERIC_OPERATORS];
    return (value: number) => holds(value, bound);
  });
  return (value) => typeof value === 'number' && rules.every((holds) => holds(value));
}

const NUMERIC_OPERATORS = {
  '=': (value: number, bound: number) => value === bound,
  '<': (value: number, bound: number) => value < bound,
  '<=': (value: number, bound: number) => value <= bound,
  '>': (value: number, bound: number) => value > bound,
  '>=': (value: number, bound: number) => value >= bound,
} as const;

function equalTo(alternative: unknown, path: string): Rule {
  const isScalar = alternative === null || ['string', 'number', 'boolean'].includes(typeof alternative);
  if (!isScalar) return refuse(path, 'text, a number, true, false, null or an operator', alternative);
  return (value) => value === alternative;
}

const anyLeaf =
  (matches: Rule): Rule =>
  (value) =>
    leaves(value).some(matches);

/** The values at the end of a path: a scalar is one, a list its scalars, an object none. */
function leaves(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  return value === undefined || isObject(value) ? [] : [value];
}

const isObject = (value: unknown): value is FilterPattern =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTextOrNumber = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';

function refuse(path: string, allowed: string, value: unknown): never {
  throw new MillraceError('invalid-request', `${path} must be ${allowed}, got ${JSON.stringify(value) ?? 'nothing'}`);
}
