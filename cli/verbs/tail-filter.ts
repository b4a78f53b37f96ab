import { MillraceError } from '../../shared/core/errors.ts';
import { type FilterPattern, recordFilter } from '../../shared/core/filter.ts';

const KINDS = ['insert', 'modify', 'remove'];

/**
 * Filters as a person writes them: kinds of change (`insert,remove`), a key (`orderId=o-1`), or a pattern of Lambda as
 * JSON. Several are ORed.
 * @throws MillraceError `invalid-request`, with what is allowed.
 */
export function filterPatterns(texts: readonly string[]): readonly FilterPattern[] {
  const patterns = texts.flatMap(patternsOf);
  recordFilter(patterns);
  return patterns;
}

function patternsOf(text: string): readonly FilterPattern[] {
  if (text.trimStart().startsWith('{')) return [parsed(text)];
  const kinds = text.split(',').map((kind) => kind.trim().toLowerCase());
  if (kinds.every((kind) => KINDS.includes(kind))) return [{ eventName: kinds.map((kind) => kind.toUpperCase()) }];
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined) return refuse(text);
  return ['S', 'N'].map((type) => ({ dynamodb: { Keys: { [name]: { [type]: [value] } } } }));
}

function parsed(text: string): FilterPattern {
  try {
    return JSON.parse(text) as FilterPattern;
  } catch {
    return refuse(text);
  }
}

function refuse(text: string): never {
  throw new MillraceError(
    'invalid-request',
    `--filter must be kinds (insert, modify, remove), a key such as orderId=o-1, or a filter pattern of Lambda as JSON, got ${JSON.stringify(text)}`,
  );
}
