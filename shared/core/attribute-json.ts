import type { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RawAttributeValue, RawItem } from './record.ts';

type Item = Extract<Parameters<typeof unmarshall>[0], Record<string, unknown>>;

/** An item as the SDK gives it, in the JSON of Lambda's event: binary as base64. */
export function attributesAsJson(item: Item): RawItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, asJson(value)]));
}

function asJson(value: Item[string]): RawAttributeValue {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.M !== undefined) return { M: attributesAsJson(value.M) };
  if (value.L !== undefined) return { L: value.L.map(asJson) };
  return value as RawAttributeValue;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
