import type { EventRecord, RawItem } from '../core/record.ts';

/** What tells one change from all others in a log line: numbers as text, binary as base64, no other data of the item. */
export const identityOf = (record: EventRecord) => ({
  eventName: record.eventName,
  eventId: record.eventID,
  sequenceNumber: record.dynamodb?.SequenceNumber,
  stream: record.eventSourceARN,
  ...(record.dynamodb?.Keys && { keys: plainKeys(record.dynamodb.Keys) }),
});

/** A change in words: `MODIFY {"orderId":"order-1"} (event 5f..., sequence number 1000)`. */
export function describeRecord(record: EventRecord): string {
  const keys = record.dynamodb.Keys ? ` ${JSON.stringify(plainKeys(record.dynamodb.Keys))}` : '';
  return `${record.eventName}${keys} (event ${record.eventID}, sequence number ${record.dynamodb.SequenceNumber})`;
}

const plainKeys = (keys: RawItem) =>
  Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, Object.values(value)[0]]));
