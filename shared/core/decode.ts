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
  // A copy has every attribute as a property of its own, one called __proto__ too, and costs less than adding them.
  const item: Record<string, DecodedValue | RawAttributeValue> = { ...raw };
  for (const name in item) item[name] = decodeValue(item[name] as RawAttributeValue);
  return item as DecodedItem;
}

/** Reads one attribute value; a type that this release does not know is handed over as it came. */
export function decodeValue(raw: RawAttributeValue): DecodedValue {
  // A value has one name, its type. Looking at it costs less than asking for each type in turn.
  const value = raw as AnyRaw;
  for (const type in value) {
    switch (type) {
      case 'S':
        return value[type]!;
      case 'N':
        return decodeNumber(value[type]!);
      case 'M':
        return decodeItem(value[type]!);
      case 'L':
        return value[type]!.map(decodeValue);
      case 'BOOL':
        return value[type]!;
      case 'NULL':
        return null;
      case 'SS':
        return new Set(value[type]);
      case 'NS':
        return decodeNumbers(value[type]!);
      case 'B':
        return decodeBinary(value[type]!);
      case 'BS':
        return new Set(value[type]!.map(decodeBinary));
    }
  }
  return raw as object as DecodedItem;
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

/** Base64 to bytes of their own, not a view of Node's shared pool. */
const decodeBinary = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
