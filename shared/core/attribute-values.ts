import type { RawAttributeValue, RawItem } from './record.ts';

/** An attribute value as the AWS SDK takes it: like Lambda's, with binary as bytes. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: Uint8Array }
  | { BOOL: boolean }
  | { NULL: true }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: Uint8Array[] }
  | { L: AttributeValue[] }
  | { M: Record<string, AttributeValue> };

/**
 * A raw image as the AWS SDK takes it, for sinks that write an item on as it is.
 *
 * It needs no decoding, keeps every digit, and every attribute name that `marshall` would refuse or drop.
 */
export function attributeValues(raw: RawItem): Record<string, AttributeValue> {
  // fromEntries defines properties, so that an attribute called __proto__ stays one.
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, attributeValue(value)]));
}

function attributeValue(raw: RawAttributeValue): AttributeValue {
  if ('B' in raw) return { B: Buffer.from(raw.B, 'base64') };
  if ('BS' in raw) return { BS: raw.BS.map((base64) => Buffer.from(base64, 'base64')) };
  if ('L' in raw) return { L: raw.L.map(attributeValue) };
  if ('M' in raw) return { M: attributeValues(raw.M) };
  return raw as AttributeValue;
}
