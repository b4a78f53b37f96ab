import { MillraceError } from '../core/errors.ts';
import type { RawAttributeValue, RawItem } from '../core/record.ts';

/**
 * Writes an item as Lambda's event carries it: the opposite of what a handler reads.
 *
 * Attributes that are `undefined` are left out.
 * @throws MillraceError `invalid-request` naming the attribute, for anything that DynamoDB cannot store.
 */
export function encodeItem(item: object, path = ''): RawItem {
  const entries = Object.entries(item).filter(([, value]) => value !== undefined);
  // fromEntries defines properties, so that an attribute called __proto__ stays one.
  return Object.fromEntries(
    entries.map(([name, value]) => [name, encodeValue(value, path ? `${path}.${name}` : name)]),
  );
}

function encodeValue(value: unknown, path: string): RawAttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  const number = numberText(value);
  if (number !== null) return { N: number };
  if (value instanceof Uint8Array) return { B: base64(value) };
  if (Array.isArray(value)) return { L: value.map((member, index) => encodeValue(member, `${path}[${index}]`)) };
  if (value instanceof Set) return encodeSet([...value], path);
  if (typeof value === 'object' && isPlain(value)) return { M: encodeItem(value, path) };
  throw unstorable(value, path);
}

function encodeSet(members: readonly unknown[], path: string): RawAttributeValue {
  const numbers = members.map(numberText);
  if (members.length === 0) throw unstorable(new Set(), path);
  if (members.every((member) => typeof member === 'string')) return { SS: members };
  if (members.every((member) => member instanceof Uint8Array)) return { BS: members.map(base64) };
  if (numbers.every((text) => text !== null)) return { NS: numbers };
  throw unstorable(members, path);
}

/** `null` for what is no number; a NumberValue of the SDK holds its text in `value`. */
function numberText(value: unknown): string | null {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  const isNumberValue = typeof value === 'object' && value !== null && 'toBigInt' in value && 'value' in value;
  return isNumberValue && typeof value.value === 'string' ? value.value : null;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const unstorable = (value: unknown, path: string): MillraceError =>
  new MillraceError(
    'invalid-request',
    `${path} must be a string, finite number, bigint, boolean, null, Uint8Array, list, map or set of one kind with a member, got ${describe(value)}`,
  );

function describe(value: unknown): string {
  if (value instanceof Set) return 'an empty set';
  if (Array.isArray(value)) return 'a set of several kinds';
  return typeof value === 'object' && value !== null ? `a ${value.constructor.name}` : String(value);
}
