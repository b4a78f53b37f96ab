import { MillraceError } from './errors.ts';
import type { EventRecord, RawAttributeValue, RawItem, StreamEventRecord } from './record.ts';

/** One record of a Kinesis stream, exactly as Lambda hands it to a function. */
export interface KinesisEventRecord {
  /** `shardId-000000000000:<sequence number>` */
  readonly eventID: string;
  readonly eventName: 'aws:kinesis:record';
  readonly eventVersion: string;
  readonly eventSource: 'aws:kinesis';
  readonly awsRegion: string;
  /** The stream's ARN, or that of its consumer where the mapping has enhanced fan-out. */
  readonly eventSourceARN: string;
  /** The role of the mapping; the walker leaves it out. */
  readonly invokeIdentityArn?: string;
  readonly kinesis: {
    readonly kinesisSchemaVersion: string;
    readonly partitionKey?: string;
    readonly sequenceNumber: string;
    /** Base64. */
    readonly data: string;
    /** Epoch seconds, with a fraction. */
    readonly approximateArrivalTimestamp: number;
  };
  /** Added by the walker after the subscription's first generation. */
  readonly millrace?: { readonly generation: number };
}

/** A change as DynamoDB puts it into a Kinesis stream: it has no sequence number, no view type and no version. */
export interface FeedChange {
  readonly awsRegion: string;
  readonly eventID: string;
  readonly eventName: StreamEventRecord['eventName'];
  readonly userIdentity?: Partial<Record<'type' | 'principalId' | 'Type' | 'PrincipalId', string>> | null;
  readonly recordFormat?: string;
  readonly tableName: string;
  readonly eventSource: 'aws:dynamodb';
  readonly dynamodb: {
    /** Epoch milliseconds, or microseconds where the precision says so. */
    readonly ApproximateCreationDateTime: number;
    readonly ApproximateCreationDateTimePrecision?: 'MILLISECOND' | 'MICROSECOND';
    readonly Keys: RawItem;
    readonly NewImage?: RawItem;
    readonly OldImage?: RawItem;
    readonly SizeBytes?: number;
  };
}

/**
 * A change of the Kinesis feed in the form that a change of a DynamoDB stream has: the sequence number is that of the
 * Kinesis record, the time is in seconds with a fraction, and binary is base64 once.
 */
export interface KinesisChangeRecord extends StreamEventRecord {
  readonly tableName: string;
  readonly generation: number;
}

/** A Kinesis record that holds no change: it fails in its place in the batch, with the problem. */
type BrokenRecord = EventRecord & { readonly problem: MillraceError };

/** Whether a record of an event is one of Kinesis; a malformed one is not. */
export function isKinesisRecord(record: unknown): record is KinesisEventRecord {
  const { eventSource, eventSourceARN, kinesis } = (record ?? {}) as Partial<KinesisEventRecord>;
  return eventSource === 'aws:kinesis' && typeof eventSourceARN === 'string' && typeof kinesis?.data === 'string';
}

/**
 * The change in the data of a Kinesis record.
 * @throws MillraceError `invalid-record` when the data is anything else, showing it.
 */
export function feedChange(data: string, what: string): FeedChange {
  let change: unknown;
  try {
    change = JSON.parse(data);
  } catch {
    throw notAChange(what, data);
  }
  if (!isFeedChange(change)) throw notAChange(what, data);
  return change;
}

/** Turns a Kinesis record into a change; one that holds none becomes a record that fails when it is read. */
export function kinesisChange(record: KinesisEventRecord): KinesisChangeRecord | BrokenRecord {
  const { kinesis, ...rest } = record;
  const eventSourceARN = streamArnOf(record.eventSourceARN);
  const what = `the Kinesis record ${kinesis.sequenceNumber} of ${eventSourceARN}`;
  const text = Buffer.from(kinesis.data, 'base64').toString();
  try {
    const change = feedChange(text, what);
    const identity = identityOf(change);
    return {
      eventID: change.eventID,
      eventName: change.eventName,
      eventVersion: rest.eventVersion,
      eventSource: 'aws:dynamodb',
      awsRegion: change.awsRegion,
      eventSourceARN,
      tableName: change.tableName,
      generation: record.millrace?.generation ?? 0,
      ...(identity && { userIdentity: identity }),
      dynamodb: {
        ...(BINARY.test(text) ? withBinaryOnce(change.dynamodb) : change.dynamodb),
        ApproximateCreationDateTime: feedMicros(change.dynamodb) / 1e6,
        SizeBytes: change.dynamodb.SizeBytes ?? 0,
        SequenceNumber: kinesis.sequenceNumber,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    };
  } catch (error) {
    // What is malformed deep inside is found where binary is decoded.
    const problem = error instanceof MillraceError ? error : notAChange(what, text);
    const { sequenceNumber: SequenceNumber, approximateArrivalTimestamp: ApproximateCreationDateTime } = kinesis;
    const dynamodb = { SequenceNumber, ApproximateCreationDateTime };
    const broken: object = { ...rest, eventSourceARN, dynamodb, problem };
    return broken as BrokenRecord;
  }
}

/** Why a record cannot be read; `undefined` for all that can. */
export const problemOf = (record: EventRecord): MillraceError | undefined =>
  'problem' in record && record.problem instanceof MillraceError ? record.problem : undefined;

/**
 * When a change happened, in microseconds. The feed gives milliseconds unless it says otherwise; a table's precision
 * may be changed between two records.
 */
export function feedMicros({
  ApproximateCreationDateTime: time,
  ApproximateCreationDateTimePrecision: precision,
}: FeedChange['dynamodb']): number {
  return precision === 'MICROSECOND' || (precision === undefined && time >= MICROS) ? time : time * 1000;
}

/** As milliseconds, a time after the year 5000. */
const MICROS = 1e14;

/** What is found wherever an item has binary: most have none, and need no second look. */
const BINARY = /"BS?":/;
const BASE64 = /^([a-z\d+/]{4})*([a-z\d+/]{2}==|[a-z\d+/]{3}=)?$/i;

function withBinaryOnce(data: FeedChange['dynamodb']): FeedChange['dynamodb'] {
  const { Keys, NewImage, OldImage } = data;
  return {
    ...data,
    Keys: itemOnce(Keys),
    ...(NewImage && { NewImage: itemOnce(NewImage) }),
    ...(OldImage && { OldImage: itemOnce(OldImage) }),
  };
}

/** `fromEntries` defines each attribute, also one that is called `__proto__`. */
const itemOnce = (item: RawItem): RawItem =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueOnce(value)]));

function valueOnce(value: RawAttributeValue): RawAttributeValue {
  if ('B' in value) return { B: decodedOnce(value.B) };
  if ('BS' in value) return { BS: value.BS.map(decodedOnce) };
  if ('M' in value) return { M: itemOnce(value.M) };
  if ('L' in value) return { L: value.L.map(valueOnce) };
  return value;
}

/** DynamoDB encodes binary twice for Kinesis; what decodes to no base64 has been encoded once only, and stays. */
function decodedOnce(base64: string): string {
  const decoded = Buffer.from(base64, 'base64').toString('latin1');
  return BASE64.test(decoded) ? decoded : base64;
}

function isFeedChange(change: unknown): change is FeedChange {
  const { eventID, eventName, tableName, dynamodb } = (change ?? {}) as Partial<FeedChange>;
  return (
    typeof eventID === 'string' &&
    (eventName === 'INSERT' || eventName === 'MODIFY' || eventName === 'REMOVE') &&
    typeof tableName === 'string' &&
    typeof dynamodb?.ApproximateCreationDateTime === 'number' &&
    typeof dynamodb.Keys === 'object' &&
    Object.values(dynamodb.Keys ?? [null]).every(isKey)
  );
}

const isKey = (value: unknown): boolean =>
  typeof value === 'object' && Object.values(value ?? [value]).every((one) => typeof one === 'string');

function identityOf({ userIdentity }: FeedChange): StreamEventRecord['userIdentity'] {
  const type = userIdentity?.type ?? userIdentity?.Type;
  const principalId = userIdentity?.principalId ?? userIdentity?.PrincipalId;
  return type !== undefined && principalId !== undefined ? { type, principalId } : undefined;
}

/** `arn:aws:kinesis:<region>:<account>:stream/<name>`, also of a record that came through a consumer. */
const streamArnOf = (arn: string): string => arn.replace(/\/consumer\/.*/, '');

const notAChange = (what: string, data: string): MillraceError =>
  new MillraceError(
    'invalid-record',
    `${what} must hold a change of a DynamoDB table as JSON, got ${JSON.stringify(data.slice(0, 200))}`,
  );
