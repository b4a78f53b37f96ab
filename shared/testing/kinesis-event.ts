import type { KinesisEventRecord } from '../core/kinesis-record.ts';
import type { RawAttributeValue, RawItem, StreamEventRecord } from '../core/record.ts';
import { creationMicros } from '../core/version.ts';
import { type EventOptions, eventOf, type FeedDraft } from './builders.ts';

export interface KinesisEventOptions extends Omit<EventOptions, 'viewType' | 'run'> {
  /** The unit in which the table's destination tells the time of a change. @default 'MILLISECOND' */
  readonly precision?: 'MILLISECOND' | 'MICROSECOND';
  /** @default 'stream' */
  readonly streamName?: string;
}

/** The event that Lambda, or the walker, would send for these changes of a table that publishes to a Kinesis stream. */
export function kinesisEventOf(
  drafts: readonly FeedDraft[],
  options: KinesisEventOptions = {},
): { readonly Records: readonly KinesisEventRecord[] } {
  const { streamName = 'stream', region = 'eu-west-1', precision } = options;
  const records = eventOf(drafts, options).Records as readonly StreamEventRecord[];
  return {
    Records: records.map((record) => {
      const sequenceNumber = record.dynamodb.SequenceNumber.padStart(56, '4');
      return {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: record.eventID.toUpperCase(),
          sequenceNumber,
          data: Buffer.from(feedData(record, options.tableName, precision)).toString('base64'),
          approximateArrivalTimestamp: record.dynamodb.ApproximateCreationDateTime + 0.5,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `shardId-000000000000:${sequenceNumber}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::123456789012:role/handler',
        awsRegion: region,
        eventSourceARN: `arn:aws:kinesis:${region}:123456789012:stream/${streamName}`,
      };
    }),
  };
}

/** A change as DynamoDB puts it into a Kinesis stream: binary is encoded twice, and milliseconds name no precision. */
export function feedData(
  record: StreamEventRecord,
  tableName = 'table',
  precision: 'MILLISECOND' | 'MICROSECOND' = 'MILLISECOND',
): string {
  const { dynamodb, eventID, eventName, awsRegion, userIdentity = null } = record;
  const { Keys, NewImage, OldImage, SizeBytes } = dynamodb;
  const micros = creationMicros(dynamodb.ApproximateCreationDateTime);
  return JSON.stringify({
    awsRegion,
    eventID: uuidOf(eventID),
    eventName,
    userIdentity,
    recordFormat: 'application/json',
    tableName,
    dynamodb: {
      ApproximateCreationDateTime: precision === 'MICROSECOND' ? micros : Math.floor(micros / 1000),
      Keys: itemTwice(Keys),
      ...(NewImage && { NewImage: itemTwice(NewImage) }),
      ...(OldImage && { OldImage: itemTwice(OldImage) }),
      SizeBytes,
      ...(precision === 'MICROSECOND' && { ApproximateCreationDateTimePrecision: precision }),
    },
    eventSource: 'aws:dynamodb',
  });
}

const itemTwice = (item: RawItem): RawItem =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueTwice(value)]));

function valueTwice(value: RawAttributeValue): RawAttributeValue {
  if ('B' in value) return { B: encoded(value.B) };
  if ('BS' in value) return { BS: value.BS.map(encoded) };
  if ('M' in value) return { M: itemTwice(value.M) };
  if ('L' in value) return { L: value.L.map(valueTwice) };
  return value;
}

const encoded = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

/** Streams have 32 hexadecimal digits where the feed has a UUID. */
const uuidOf = (eventId: string): string => eventId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
