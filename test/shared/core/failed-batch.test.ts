import { describe, expect, test } from 'vitest';
import { failureMessage, type GivenUp } from '../../../shared/core/failed-batch.ts';
import { failureText } from '../../../shared/core/failure-text.ts';

const NOON = Date.UTC(2026, 0, 31, 12);

const record = (sequenceNumber: string, createdAtMs: number) => ({
  sequenceNumber,
  createdAtMs,
  body: '{}',
  bytes: 2,
  arrivedAtMs: NOON,
  notBefore: undefined,
});

const givenUp = (changes: Partial<GivenUp> = {}): GivenUp => ({
  records: [record('100', NOON + 1_999), record('200', NOON + 3_000), record('300', NOON + 5_000)],
  condition: 'RetryAttemptsExhausted',
  attempts: 4,
  functionArn: 'arn:handler',
  streamArn: 'arn:stream',
  shardId: 'a',
  id: 'batch-1',
  atMs: NOON + 9_001,
  ...changes,
});

describe('the message about a batch that was given up', () => {
  test('is the one that Lambda sends to an on-failure destination', () => {
    expect(failureMessage(givenUp())).toEqual({
      requestContext: {
        requestId: 'batch-1',
        functionArn: 'arn:handler',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 4,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: '2026-01-31T12:00:09.001Z',
      DDBStreamBatchInfo: {
        shardId: 'a',
        startSequenceNumber: '100',
        endSequenceNumber: '300',
        approximateArrivalOfFirstRecord: '2026-01-31T12:00:01Z',
        approximateArrivalOfLastRecord: '2026-01-31T12:00:05Z',
        batchSize: 3,
        streamArn: 'arn:stream',
      },
    });
  });

  test('names the batch of a Kinesis stream as Lambda does', () => {
    const streamArn = 'arn:aws:kinesis:eu-west-1:111111111111:stream/changes';

    const message = failureMessage(givenUp({ streamArn }));

    expect(message.KinesisBatchInfo).toMatchObject({ streamArn, startSequenceNumber: '100' });
    expect(message).not.toHaveProperty('DDBStreamBatchInfo');
  });

  test('of records that were too old has no answer of a function', () => {
    expect(failureMessage(givenUp({ condition: 'RecordAgeExceeded' }))).not.toHaveProperty('responseContext');
  });
});

describe('the text of that message', () => {
  const message = failureMessage(givenUp());
  const batch = (payload: string) => ({
    subscription: 'receipts',
    shardId: 'a',
    id: 'batch-1',
    atMs: 0,
    message,
    payload,
  });
  const room = 262_144 - Buffer.byteLength(failureText(batch('')));

  test('carries the event, up to what a queue takes', () => {
    const payload = 'x'.repeat(room);

    expect(JSON.parse(failureText(batch(payload)))).toEqual({ ...message, payload });
  });

  test('says that the event was left out where it is larger', () => {
    const text = failureText(batch('é'.repeat(room / 2 + 1)));

    expect(JSON.parse(text)).toEqual({ ...message, payloadLeftOut: 'larger than 262144 bytes' });
  });
});
