import { MillraceError } from './errors.ts';
import type { SourceRecord } from './ports.ts';
import type { RawItem, StreamEventRecord } from './record.ts';

type EventIdentity = NonNullable<StreamEventRecord['userIdentity']>;

/**
 * A record in the JSON of GetRecords' answer. It is Lambda's record but for two things: the stream's ARN is missing, and
 * `userIdentity` begins its names with capitals.
 */
export type WireRecord = Omit<StreamEventRecord, 'eventSourceARN' | 'userIdentity'> & {
  readonly userIdentity?: { readonly PrincipalId: string; readonly Type: string } | EventIdentity | null;
};

/**
 * Makes a record of GetRecords' answer the record that Lambda's event has, without touching keys and images.
 * @throws MillraceError `invalid-record` when it has no keys, no sequence number or no time.
 */
export function sourceRecord(wire: WireRecord, streamArn: string): SourceRecord {
  const { dynamodb } = wire;
  const isComplete =
    typeof dynamodb?.SequenceNumber === 'string' &&
    typeof dynamodb.ApproximateCreationDateTime === 'number' &&
    typeof dynamodb.Keys === 'object';
  if (!isComplete) {
    throw new MillraceError(
      'invalid-record',
      `a record of ${streamArn} must have dynamodb.Keys, SequenceNumber and ApproximateCreationDateTime, got ${JSON.stringify(wire).slice(0, 200)}`,
    );
  }
  const { userIdentity, ...rest } = wire;
  return {
    sequenceNumber: dynamodb.SequenceNumber,
    createdAtMs: Math.round(dynamodb.ApproximateCreationDateTime * 1000),
    itemKey: () => itemKeyOf(dynamodb.Keys),
    event: {
      ...rest,
      eventSourceARN: streamArn,
      ...(userIdentity ? { userIdentity: eventIdentity(userIdentity) } : {}),
    } satisfies StreamEventRecord,
  };
}

const eventIdentity = (identity: NonNullable<WireRecord['userIdentity']>): EventIdentity =>
  'PrincipalId' in identity ? { principalId: identity.PrincipalId, type: identity.Type } : identity;

/** An item's key as text. It has one or two attributes, in an order that nobody promises. */
export const itemKeyOf = (keys: RawItem): string =>
  JSON.stringify(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
