import { describe, expect, test } from 'vitest';
import { feedMicros, type KinesisEventRecord, kinesisChange, problemOf } from '../../../shared/core/kinesis-record.ts';

/** As recorded from AWS, and as it describes its feed: the default precision is not named, binary is encoded twice. */
const recorded = {
  awsRegion: 'us-east-1',
  eventID: '4c71ea8c-1a4a-4b02-9ad4-21d5c1e5b4a8',
  eventName: 'MODIFY',
  userIdentity: null,
  recordFormat: 'application/json',
  tableName: 'orders',
  dynamodb: {
    ApproximateCreationDateTime: 1706600000123,
    Keys: { id: { S: 'o-1' } },
    NewImage: { id: { S: 'o-1' }, total: { N: '12.50' } },
    OldImage: { id: { S: 'o-1' }, total: { N: '12' } },
    SizeBytes: 26,
  },
  eventSource: 'aws:dynamodb',
};

const recordOf = (data: unknown, more: Partial<KinesisEventRecord> = {}): KinesisEventRecord => ({
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey: 'AB',
    sequenceNumber: '49'.padEnd(56, '7'),
    data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64'),
    approximateArrivalTimestamp: 1706600000.5,
  },
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: `shardId-000000000000:${'49'.padEnd(56, '7')}`,
  eventName: 'aws:kinesis:record',
  awsRegion: 'eu-west-1',
  eventSourceARN: 'arn:aws:kinesis:us-east-1:111122223333:stream/changes',
  ...more,
});

const withData = (dynamodb: object) => ({ ...recorded, dynamodb: { ...recorded.dynamodb, ...dynamodb } });

test("a change of the feed becomes a change of a table's stream, placed by its Kinesis record", () => {
  expect(kinesisChange(recordOf(recorded))).toEqual({
    eventID: recorded.eventID,
    eventName: 'MODIFY',
    eventVersion: '1.0',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:111122223333:stream/changes',
    tableName: 'orders',
    generation: 0,
    dynamodb: {
      ApproximateCreationDateTime: 1706600000.123,
      Keys: { id: { S: 'o-1' } },
      NewImage: { id: { S: 'o-1' }, total: { N: '12.50' } },
      OldImage: { id: { S: 'o-1' }, total: { N: '12' } },
      SizeBytes: 26,
      SequenceNumber: '49'.padEnd(56, '7'),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
});

describe('the time of a change', () => {
  test('is in milliseconds where the record names no precision', () => {
    expect(feedMicros(recorded.dynamodb as never)).toBe(1706600000123000);
  });

  test('is in the unit that the record names, also where the record before had another one', () => {
    const unit = (ApproximateCreationDateTimePrecision: string, ApproximateCreationDateTime: number) =>
      feedMicros({ ApproximateCreationDateTimePrecision, ApproximateCreationDateTime } as never);

    expect(unit('MICROSECOND', 1720740233012995)).toBe(1720740233012995);
    expect(unit('MILLISECOND', 1720740233012)).toBe(1720740233012000);
  });

  test('is in microseconds where it is too large for milliseconds and no precision is named', () => {
    expect(feedMicros({ ApproximateCreationDateTime: 1720740233012995 } as never)).toBe(1720740233012995);
  });

  test('keeps its microseconds in the record', () => {
    const precise = {
      ApproximateCreationDateTime: 1720740233012995,
      ApproximateCreationDateTimePrecision: 'MICROSECOND',
    };
    const record = kinesisChange(recordOf(withData(precise)));

    expect(Math.round(record.dynamodb.ApproximateCreationDateTime * 1e6)).toBe(1720740233012995);
  });
});

test('binary, encoded twice, is encoded once in the change, wherever it is in the item', () => {
  const twice = Buffer.from(Buffer.from([0, 255, 77]).toString('base64')).toString('base64');
  const once = Buffer.from([0, 255, 77]).toString('base64');
  const record = kinesisChange(
    recordOf(
      withData({
        Keys: { id: { B: twice } },
        NewImage: { id: { B: twice }, set: { BS: [twice, twice] }, deep: { M: { list: { L: [{ B: twice }] } } } },
        OldImage: { id: { B: twice }, empty: { B: '' }, text: { S: '"B":' } },
      }),
    ),
  );

  expect(record.dynamodb).toMatchObject({
    Keys: { id: { B: once } },
    NewImage: { id: { B: once }, set: { BS: [once, once] }, deep: { M: { list: { L: [{ B: once }] } } } },
    OldImage: { id: { B: once }, empty: { B: '' }, text: { S: '"B":' } },
  });
});

test('binary that was encoded once only stays as it is', () => {
  const once = Buffer.from([0, 255, 77]).toString('base64');

  const record = kinesisChange(recordOf(withData({ Keys: { id: { B: once } } })));

  expect(record.dynamodb.Keys).toEqual({ id: { B: once } });
});

test('whoever deletes an expired item is named, in the words of a table stream', () => {
  const service = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
  const shouted = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };

  expect(kinesisChange(recordOf({ ...recorded, userIdentity: service }))).toMatchObject({ userIdentity: service });
  expect(kinesisChange(recordOf({ ...recorded, userIdentity: shouted }))).toMatchObject({ userIdentity: service });
  expect('userIdentity' in kinesisChange(recordOf(recorded))).toBe(false);
});

test('a record that came through a consumer is of its stream', () => {
  const eventSourceARN = 'arn:aws:kinesis:us-east-1:111122223333:stream/changes/consumer/fast:1700000000';

  expect(kinesisChange(recordOf(recorded, { eventSourceARN })).eventSourceARN).toBe(
    'arn:aws:kinesis:us-east-1:111122223333:stream/changes',
  );
});

test.each([
  ['text', 'hello'],
  ['nothing', ''],
  ['JSON of something else', { hello: 'world' }],
  ['no object', 'null'],
  ['a change without keys', withData({ Keys: undefined })],
  ['a change without a time', withData({ ApproximateCreationDateTime: '1706600000123' })],
  ['a change of another kind', { ...recorded, eventName: 'UPSERT' }],
  ['a change of no table', { ...recorded, tableName: undefined }],
])('a record that holds %s fails in its place, with an error that shows it', (_what, data) => {
  const record = kinesisChange(recordOf(data));

  const shown = (typeof data === 'string' ? data : JSON.stringify(data)).slice(0, 200);
  expect(record.dynamodb.SequenceNumber).toBe('49'.padEnd(56, '7'));
  expect(problemOf(record)?.code).toBe('invalid-record');
  expect(problemOf(record)?.message).toBe(
    `the Kinesis record ${'49'.padEnd(56, '7')} of arn:aws:kinesis:us-east-1:111122223333:stream/changes must hold a change of a DynamoDB table as JSON, got ${JSON.stringify(shown)}`,
  );
});
