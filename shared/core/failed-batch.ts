import type { WindowRecord } from './record-window.ts';

/** A batch that was given up, on its way to the on-failure destination. */
export interface FailedBatch {
  readonly subscription: string;
  readonly shardId: string;
  /** Unique to this batch: part of the object's key, or the message's identity. */
  readonly id: string;
  readonly atMs: number;
  readonly message: FailureMessage;
  /** The event as the handler would have got it: the changes themselves. */
  readonly payload: string;
}

export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** The message Lambda sends to an on-failure destination of a stream, in its own words. */
export interface FailureMessage {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: FailureCondition;
    readonly approximateInvokeCount: number;
  };
  /** Left out where no function was invoked. */
  readonly responseContext?: {
    readonly statusCode: number;
    readonly executedVersion: string;
    readonly functionError: string | null;
  };
  readonly version: '1.0';
  readonly timestamp: string;
  /** Of a table's stream. */
  readonly DDBStreamBatchInfo?: BatchInfo;
  /** Of a Kinesis stream. */
  readonly KinesisBatchInfo?: BatchInfo;
}

/** Where the records of a batch are. */
export interface BatchInfo {
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
  readonly approximateArrivalOfFirstRecord: string;
  readonly approximateArrivalOfLastRecord: string;
  readonly batchSize: number;
  readonly streamArn: string;
}

/** What is known of a batch that is given up. */
export interface GivenUp {
  readonly records: readonly WindowRecord[];
  readonly condition: FailureCondition;
  readonly attempts: number;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly id: string;
  readonly atMs: number;
}

/** The message for a batch of at least one record. */
export function failureMessage(given: GivenUp): FailureMessage {
  const first = given.records[0]!;
  const last = given.records[given.records.length - 1]!;
  const { condition } = given;
  return {
    requestContext: {
      requestId: given.id,
      functionArn: given.functionArn,
      condition,
      approximateInvokeCount: given.attempts,
    },
    ...(condition === 'RetryAttemptsExhausted'
      ? { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' } }
      : {}),
    version: '1.0',
    timestamp: new Date(given.atMs).toISOString(),
    [given.streamArn.includes(':kinesis:') ? 'KinesisBatchInfo' : 'DDBStreamBatchInfo']: {
      shardId: given.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: toSecond(first.createdAtMs),
      approximateArrivalOfLastRecord: toSecond(last.createdAtMs),
      batchSize: given.records.length,
      streamArn: given.streamArn,
    },
  };
}

/** Lambda writes these times without milliseconds: `2026-01-31T12:00:19Z`. */
const toSecond = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
