/** An attribute value in the JSON that Lambda's event carries: numbers as strings, binary as base64. */
export type RawAttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: boolean }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly RawAttributeValue[] }
  | { readonly M: { readonly [name: string]: RawAttributeValue } };

/** An item, or a part of one, as raw attribute values by attribute name. */
export type RawItem = { readonly [name: string]: RawAttributeValue };

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** One record of a DynamoDB stream event, exactly as Lambda hands it to a function. */
export interface StreamEventRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly userIdentity?: { readonly principalId: string; readonly type: string };
  readonly dynamodb: {
    /** Epoch seconds; DynamoDB rounds down to the second. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: RawItem;
    readonly NewImage?: RawItem;
    readonly OldImage?: RawItem;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  /** Added by the walker where a bootstrap or repair run has been. */
  readonly millrace?: { readonly run: number };
}

/** A record that Millrace itself puts into an event; only where the subscription's `deliver` says so. */
export interface MillraceEventRecord {
  readonly eventID: string;
  readonly eventName: 'GAP' | 'SNAPSHOT' | 'SNAPSHOT_STARTED' | 'SNAPSHOT_COMPLETE';
  readonly eventVersion: '1';
  readonly eventSource: 'millrace';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys?: RawItem;
    readonly NewImage?: RawItem;
    /** Unique in its batch, so that a partial response can name it. */
    readonly SequenceNumber: string;
  };
  readonly millrace: { readonly run?: number; readonly gap?: GapNotice };
}

/** What a handler is told of a gap: changes that may have been lost, and where. */
export interface GapNotice {
  readonly id: string;
  readonly reason: 'trimmed' | 'shard-vanished' | 'parent-missing' | 'stream-replaced';
  readonly shardId: string;
  /** The last position that was read without loss, in words, as `millrace gaps` prints it. */
  readonly after: string;
  readonly detectedAtMs: number;
}

export type EventRecord = StreamEventRecord | MillraceEventRecord;

/** The event both delivery paths hand to the user's function. */
export interface ChangeEvent {
  readonly Records: readonly EventRecord[];
}

/** The answer Lambda and the walker read: everything before the lowest identifier named is settled. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}
