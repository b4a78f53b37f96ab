import type { EventRecord } from './record.ts';

const STREAM_LABEL = /\/stream\/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})$/;

/**
 * A change's place among all changes of its item, as text whose order is the order of the changes.
 *
 * For sinks in which the last write wins: keep the version beside the item, and apply a change only when its version
 * is the greater one. It is made of the stream's creation time, the bootstrap run, and the sequence number; a snapshot
 * of run n is older than every change that the stream delivers after that run began. A record of the Kinesis feed has
 * the run and the time of the change in microseconds instead: versions of the two feeds do not compare.
 */
export function versionOf(record: EventRecord, defaultRun: number): string {
  const run = digits(record.millrace?.run ?? defaultRun, 10);
  if (record.eventSourceARN.includes(':kinesis:')) {
    return `${run}-${digits(creationMicros(record.dynamodb.ApproximateCreationDateTime), 20)}`;
  }
  const sequence = record.eventSource === 'millrace' ? '0' : record.dynamodb.SequenceNumber;
  return `${digits(streamCreatedAtMs(record.eventSourceARN), 15)}-${run}-${sequence.padStart(40, '0')}`;
}

/** When a stream was created, which its label tells; 0 where an ARN has no label. */
export function streamCreatedAtMs(streamArn: string): number {
  const label = STREAM_LABEL.exec(streamArn)?.[1];
  return label === undefined ? 0 : Date.parse(`${label}Z`);
}

/**
 * A record's creation time in microseconds. DynamoDB Streams gives seconds, the Kinesis feed milliseconds or
 * microseconds as its table is set, and its unit may change between two records: the magnitude tells which.
 */
export function creationMicros(time: number): number {
  if (time < 1e11) return Math.round(time * 1e6);
  return time < 1e14 ? Math.round(time * 1e3) : time;
}

const digits = (value: number, length: number): string => String(value).padStart(length, '0');
