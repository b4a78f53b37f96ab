import type { SourceRecord } from '../core/ports.ts';
import type { RawItem, StreamEventRecord } from '../core/record.ts';

/** One write to the simulated table, as the stream carries it. */
export interface SimulatedRecord extends SourceRecord {
  readonly event: StreamEventRecord;
  readonly shardId: string;
  readonly key: string;
  readonly writtenAtMs: number;
}

/** What a write did to an item, and where the stream put it. `null` images: there was, or is, no such item. */
export interface SimulatedWrite {
  readonly key: string;
  readonly before: RawItem | null;
  readonly now: RawItem | null;
  readonly eventId: string;
  readonly sequenceNumber: string;
  readonly shardId: string;
  readonly streamArn: string;
  readonly region: string;
  readonly writtenAtMs: number;
}

/** The record of a write: INSERT, MODIFY or REMOVE with both images, its time rounded down to the second. */
export function simulatedRecord(write: SimulatedWrite): SimulatedRecord {
  const { key, before, now, sequenceNumber, shardId, writtenAtMs } = write;
  const seconds = Math.floor(writtenAtMs / 1000);
  const keys: RawItem = { pk: { S: key } };
  const itemKey = JSON.stringify(keys);
  return {
    sequenceNumber,
    createdAtMs: seconds * 1000,
    itemKey: () => itemKey,
    event: {
      eventID: write.eventId,
      eventName: now ? (before ? 'MODIFY' : 'INSERT') : 'REMOVE',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: write.region,
      eventSourceARN: write.streamArn,
      dynamodb: {
        ApproximateCreationDateTime: seconds,
        Keys: keys,
        ...(now && { NewImage: now }),
        ...(before && { OldImage: before }),
        SequenceNumber: sequenceNumber,
        SizeBytes: itemKey.length,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    },
    shardId,
    key,
    writtenAtMs,
  };
}
