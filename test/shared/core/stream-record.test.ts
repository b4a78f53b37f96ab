import { expect, test } from 'vitest';
import { sourceRecord, type WireRecord } from '../../../shared/core/stream-record.ts';

const ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-02-03T04:05:06.789';
const WIRE: WireRecord = {
  eventID: '8a6d',
  eventName: 'MODIFY',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'eu-west-1',
  dynamodb: {
    ApproximateCreationDateTime: 1_770_091_506,
    Keys: { id: { S: 'a' }, at: { N: '1' } },
    NewImage: { id: { S: 'a' }, at: { N: '1' }, picture: { B: 'AQL6' } },
    SequenceNumber: '4421584500000000017450439091',
    SizeBytes: 26,
    StreamViewType: 'NEW_IMAGE',
  },
};

test('a record of GetRecords gains the ARN that Lambda adds; keys and images pass through untouched', () => {
  const record = sourceRecord(WIRE, ARN);

  expect(record.event).toEqual({ ...WIRE, eventSourceARN: ARN });
  expect((record.event as WireRecord).dynamodb).toBe(WIRE.dynamodb);
  expect(record.sequenceNumber).toBe('4421584500000000017450439091');
  expect(record.createdAtMs).toBe(1_770_091_506_000);
});

test("the user's identity is written as Lambda writes it, and is missing where there is none", () => {
  const identity = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' };

  expect(sourceRecord({ ...WIRE, userIdentity: identity }, ARN).event).toMatchObject({
    userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' },
  });
  expect(sourceRecord({ ...WIRE, userIdentity: null }, ARN).event).not.toHaveProperty('userIdentity');
  expect(sourceRecord(WIRE, ARN).event).not.toHaveProperty('userIdentity');
});

test('the item key is the same in whatever order the key comes, and another for another key', () => {
  const keyOf = (Keys: WireRecord['dynamodb']['Keys']) =>
    sourceRecord({ ...WIRE, dynamodb: { ...WIRE.dynamodb, Keys } }, ARN).itemKey();

  expect(keyOf({ at: { N: '1' }, id: { S: 'a' } })).toBe(keyOf({ id: { S: 'a' }, at: { N: '1' } }));
  expect(keyOf({ id: { S: 'a' }, at: { S: '1' } })).not.toBe(keyOf({ id: { S: 'a' }, at: { N: '1' } }));
  expect(keyOf({ id: { S: 'a"' } })).not.toBe(keyOf({ id: { S: 'a' } }));
});

test.for(['SequenceNumber', 'ApproximateCreationDateTime', 'Keys'] as const)(
  'a record without %s is refused, showing it',
  (field) => {
    const { [field]: _missing, ...dynamodb } = WIRE.dynamodb;
    const wire = { ...WIRE, dynamodb } as WireRecord;

    expect(() => sourceRecord(wire, ARN)).toThrow(
      `a record of ${ARN} must have dynamodb.Keys, SequenceNumber and ApproximateCreationDateTime, got {"eventID":"8a6d"`,
    );
  },
);

test('a record without anything is refused', () => {
  expect(() => sourceRecord({} as WireRecord, ARN)).toThrow('got {}');
});
