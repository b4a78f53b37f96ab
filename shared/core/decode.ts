import { type DecodedNumber, decodeNumber, decodeNumbers, type NumberValue } from './decode-number.ts';
import type { RawAttributeValue, RawItem } from './record.ts';

/** What an attribute value is in a handler: sets are `Set`, binary is `Uint8Array`, numbers keep every digit. */
export type DecodedValue =
  | string
  | DecodedNumber
  | boolean
  | null
  | Uint8Array
  | Set<string>
  | Set<number>
  | Set<bigint>
  | Set<NumberValue>
  | Set<Uint8Array>
  | DecodedValue[]
  | DecodedItem;

export interface DecodedItem {
  [name: string]: DecodedValue;
}

/** Reads a whole item. Nothing that DynamoDB can store makes it throw. */
export function decodeItem(raw: RawItem): DecodedItem {
  const item: DecodedItem = {};
  for (const name in raw) {
    const value = decodeValue(raw[name]!);
    if (name === '__proto__') {
      // An assignment would set the prototype and drop the attribute.
      Object.defineProperty(item, name, { value, enumerable: true, configurable: true, writable: true });
    } else {
      item[name] = value;
    }
  }
  return item;
}

/** An attribute value before anybody knows which of its types it has. */
interface AnyRaw {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly M?: RawItem;
  readonly L?: readonly RawAttributeValue[];
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
}

/** Reads one attribute value; a type that this release does not know is handed over as it came. */
export function decodeValue(raw: RawAttributeValue): DecodedValue {
  // One look per type, the frequent ones first, costs less than asking the value for its only name.
  const value: AnyRaw = raw;
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return decodeNumber(value.N);
  if (value.M !== undefined) return decodeItem(value.M);
  if (value.L !== undefined) return value.L.map(decodeValue);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.SS !== undefined) return new Set(value.SS);
  if (value.B !== undefined) return decodeBinary(value.B);
  if (value.NS !== undefined) return decodeNumbers(value.NS);
  if (value.BS !== undefined) return new Set(value.BS.map(decodeBinary));
  return raw as unknown as DecodedItem;
}

/** Base64 to bytes of their own, not a view of Node's shared pool. */
const decodeBinary = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
