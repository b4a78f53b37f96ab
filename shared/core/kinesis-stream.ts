import { MillraceError } from './errors.ts';
import { feedChange, feedMicros, type KinesisEventRecord } from './kinesis-record.ts';
import type { CurrentStream, ListedShard, Page, SourceRecord } from './ports.ts';
import type { Position } from './position.ts';

/** A record in the JSON of Kinesis's GetRecords. */
export interface WireKinesisRecord {
  /** Base64. */
  readonly Data: string;
  /** Not there where Kinesis distributes records by itself. */
  readonly PartitionKey?: string;
  readonly SequenceNumber: string;
  /** Epoch seconds, with a fraction. */
  readonly ApproximateArrivalTimestamp: number;
}

/** GetRecords' answer in JSON. */
export interface WireKinesisPage {
  readonly Records?: readonly WireKinesisRecord[];
  readonly NextShardIterator?: string | null;
  readonly MillisBehindLatest?: number;
  /** At the end of a shard that was split or merged. */
  readonly ChildShards?: readonly { readonly ShardId: string }[];
}

/** Where a record was read. */
export interface KinesisPlace {
  readonly streamArn: string;
  readonly shardId: string;
}

/** Clocks of DynamoDB and Kinesis differ by less; what claims to be younger than this was not made by DynamoDB. */
const CLOCK_SKEW_MS = 60_000;

/** Makes a record of GetRecords' answer the record that Lambda's event has. */
export function kinesisSourceRecord(wire: WireKinesisRecord, { streamArn, shardId }: KinesisPlace): SourceRecord {
  const { Data, PartitionKey, SequenceNumber, ApproximateArrivalTimestamp } = wire;
  const arrivedAtMs = Math.round(ApproximateArrivalTimestamp * 1000);
  const change = changeIn(Data);
  const createdAtMs = change === null ? arrivedAtMs : Math.floor(feedMicros(change.dynamodb) / 1000);
  return {
    sequenceNumber: SequenceNumber,
    createdAtMs: createdAtMs > arrivedAtMs + CLOCK_SKEW_MS ? arrivedAtMs : createdAtMs,
    itemKey: () => (change === null ? `${PartitionKey}` : keyOf(change)),
    content: change,
    event: {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        ...(PartitionKey !== undefined && { partitionKey: PartitionKey }),
        sequenceNumber: SequenceNumber,
        data: Data,
        approximateArrivalTimestamp: ApproximateArrivalTimestamp,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      awsRegion: streamArn.split(':')[3] ?? '',
      eventSourceARN: streamArn,
    } satisfies KinesisEventRecord,
  };
}

/** The page in GetRecords' answer. Its next iterator has the shard's id before it, which records' own ids begin with. */
export function kinesisPage(page: WireKinesisPage, place: KinesisPlace): PageOfRecords {
  const { Records = [], NextShardIterator: next, MillisBehindLatest: behindMs } = page;
  return {
    kind: 'page',
    records: Records.map((record) => kinesisSourceRecord(record, place)),
    next: next ? `${place.shardId} ${next}` : null,
    ...(behindMs !== undefined && { behindMs }),
  };
}

type PageOfRecords = Extract<Page, { readonly kind: 'page' }>;

type FeedChange = ReturnType<typeof feedChange>;

function changeIn(data: string): FeedChange | null {
  try {
    return feedChange(Buffer.from(data, 'base64').toString(), 'the record');
  } catch {
    return null;
  }
}

const keyOf = ({ tableName, dynamodb }: FeedChange): string =>
  JSON.stringify([tableName, ...Object.entries(dynamodb.Keys).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** A stream as DescribeStreamSummary tells of it. */
export interface KinesisStreamSummary {
  readonly StreamARN?: string | undefined;
  readonly StreamStatus?: string | undefined;
  readonly StreamCreationTimestamp?: Date | undefined;
  readonly RetentionPeriodHours?: number | undefined;
  readonly RecordDistributionStrategy?: string | undefined;
}

/** A Kinesis stream, and how long it keeps its records. */
export type CurrentKinesisStream = CurrentStream & { readonly retentionMs?: number };

/**
 * What a walk may read under a stream's name.
 * @throws MillraceError `unsupported` for a stream that spreads the changes of one item over its shards.
 */
export function currentKinesisStream(streamName: string, summary: KinesisStreamSummary = {}): CurrentKinesisStream {
  const { StreamARN: arn, StreamStatus: status, StreamCreationTimestamp: createdAt } = summary;
  const { RetentionPeriodHours: hours, RecordDistributionStrategy: distribution } = summary;
  if (arn === undefined || createdAt === undefined || hours === undefined || status === 'CREATING') {
    return { kind: 'no-stream', message: `the Kinesis stream ${streamName} is ${status ?? 'not described'}` };
  }
  if (distribution === 'AUTO') {
    throw new MillraceError(
      'unsupported',
      `the record distribution of the Kinesis stream ${streamName} must be USER_PARTITION_KEY, got AUTO: the changes of one item would be in no order`,
    );
  }
  const stream = { arn, createdAtMs: createdAt.getTime() };
  return { kind: 'stream', stream, open: true, retentionMs: hours * 3_600_000 };
}

/** A shard in the JSON of Kinesis's ListShards. */
export interface WireKinesisShard {
  readonly ShardId?: string | undefined;
  readonly ParentShardId?: string | undefined;
  /** The other parent, where two shards were merged. */
  readonly AdjacentParentShardId?: string | undefined;
  readonly SequenceNumberRange?:
    | { readonly StartingSequenceNumber?: string | undefined; readonly EndingSequenceNumber?: string | undefined }
    | undefined;
}

export function listedKinesisShard(shard: WireKinesisShard): ListedShard {
  const { ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange: range } = shard;
  return {
    shardId: ShardId ?? '',
    parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
    startingSequenceNumber: range?.StartingSequenceNumber ?? '',
    isClosed: range?.EndingSequenceNumber !== undefined,
    createdAtMs: null,
  };
}

/** Where a listing goes on: at a token, which lives five minutes, and after a shard when it does not any more. */
export interface ListingPlace {
  readonly token: string | null;
  readonly after?: string | undefined;
}

export const listingPlace = (text: string | null): ListingPlace => (text === null ? { token: null } : JSON.parse(text));
export const placeText = (place: ListingPlace): string => JSON.stringify(place);

/** ListShards' start: it refuses a stream's name where a token is. */
export const listingStart = (StreamName: string, { token, after }: ListingPlace) =>
  token === null ? { StreamName, ...(after !== undefined && { ExclusiveStartShardId: after }) } : { NextToken: token };

/**
 * Where GetShardIterator is to begin. The moment of a shard of which nothing was read is jumped to, a little early; a
 * record that was read before tells the place better.
 */
export function kinesisIteratorAt(position: Position, shardId: string) {
  const { at, notBefore } = position;
  if (at === 'after-sequence-number') {
    return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position.sequenceNumber } as const;
  }
  if (at !== 'trim-horizon' && at !== 'at-sequence-number') {
    throw new MillraceError('invalid-state', `nothing of the shard ${shardId} can be opened at ${at}`);
  }
  if (notBefore !== undefined) {
    // Kinesis knows when a record arrived, by its own clock; the moment is compared with the time of the change.
    return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(Math.max(0, notBefore - CLOCK_SKEW_MS)) } as const;
  }
  if (at === 'trim-horizon') return { ShardIteratorType: 'TRIM_HORIZON' } as const;
  return { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: position.sequenceNumber } as const;
}
