import { expect, test } from 'vitest';
import type { FilterPattern } from '../../../shared/core/filter.ts';
import { neverMatching } from '../../../shared/core/filter-check.ts';
import type { StreamViewType } from '../../../shared/core/record.ts';

const image = (fields: FilterPattern): FilterPattern => ({ dynamodb: { NewImage: fields } });

test.each<[FilterPattern]>([
  [{ eventName: ['INSERT', { 'anything-but': ['REMOVE'] }] }],
  [{ userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] } }],
  [{ dynamodb: { SizeBytes: [{ numeric: ['>', 1_000] }, 5, { 'anything-but': [6] }] } }],
  [image({ total: { N: ['12.5', { prefix: '1' }, { 'anything-but': ['0'] }, { exists: true }] } })],
  [image({ gone: { N: [{ exists: false }] } })],
  [image({ isGift: { BOOL: [true, { exists: true }] }, coupon: { NULL: [true] } })],
  [image({ tags: { SS: ['blue'] }, sizes: { NS: ['42'] } })],
  [image({ lines: { L: { M: { sku: { S: ['a'] } } } } })],
  [{ dynamodb: { OldImage: [{ exists: false }] } }],
  [{ $or: [{ eventName: ['INSERT'] }, image({ total: { N: ['1'] } })] }],
  [{ eventName: ['MODIFY', 'INSERT'], dynamodb: { OldImage: { id: { S: ['x'] } } } }],
  [{ eventName: ['REMOVE'], dynamodb: { NewImage: { id: { S: [{ exists: false }] } } } }],
])('nothing is wrong with %j', (pattern) => {
  expect(neverMatching(pattern, 'NEW_AND_OLD_IMAGES')).toBeUndefined();
});

test.each<[FilterPattern, string]>([
  [
    image({ total: { N: [{ numeric: ['>', 10] }] } }),
    'dynamodb.NewImage.total.N can never match {"numeric":[">",10]}: DynamoDB keeps numbers as text: write the number as text',
  ],
  [image({ total: { N: ['1', 2] } }), 'dynamodb.NewImage.total.N can never match 2: DynamoDB keeps numbers as text'],
  [image({ sizes: { NS: [{ 'anything-but': [2] }] } }), 'DynamoDB keeps numbers as text'],
  [image({ total: ['1'] }), 'dynamodb.NewImage.total can never match "1": there is an object'],
  [
    { dynamodb: { NewImage: [{ exists: true }] } },
    'dynamodb.NewImage can never match {"exists":true}: there is an object',
  ],
  [image({ total: { Number: ['1'] } }), 'an attribute has S, N, B, SS, NS, BS, BOOL, NULL, L, M'],
  [{ NewImage: { total: { N: ['1'] } } }, 'NewImage.total.N can never match "1": a record has eventID, eventName'],
  [{ dynamodb: { newImage: { total: { N: ['1'] } } } }, 'dynamodb has ApproximateCreationDateTime, Keys, NewImage'],
  [{ eventName: ['CREATE'] }, 'eventName can never match "CREATE": there is one of INSERT, MODIFY, REMOVE'],
  [{ eventName: [{ prefix: 'DELETE' }] }, 'there is one of INSERT, MODIFY, REMOVE'],
  [{ eventName: [{ 'anything-but': ['INSERT', 'MODIFY', 'REMOVE'] }] }, 'there is one of INSERT, MODIFY, REMOVE'],
  [
    { eventName: ['INSERT'], dynamodb: { OldImage: { id: { S: ['x'] } } } },
    'dynamodb.OldImage.id.S can never match "x": records of the event INSERT do not have it',
  ],
  [
    { eventName: [{ 'anything-but': ['INSERT', 'MODIFY'] }], ...image({ id: { S: ['x'] } }) },
    'dynamodb.NewImage.id.S can never match "x": records of the event REMOVE do not have it',
  ],
  [image({ isGift: { BOOL: ['true'] } }), 'there is true or false'],
  [image({ coupon: { NULL: [null] } }), 'DynamoDB writes null as NULL: true'],
  [image({ name: { S: [null] } }), 'there is text'],
  [{ dynamodb: { SizeBytes: ['5'] } }, 'there is a number'],
  [{ dynamodb: { SizeBytes: { bytes: ['5'] } } }, 'there is a value above it, not an object'],
  [{ $or: [{ eventName: ['INSERT'] }, { eventName: ['CREATE'] }] }, '$or[1].eventName can never match "CREATE"'],
])('says why %j matches nothing', (pattern, reason) => {
  expect(neverMatching(pattern, 'NEW_AND_OLD_IMAGES')).toContain(reason);
});

test.each<[StreamViewType | undefined, 'NewImage' | 'OldImage', boolean]>([
  ['KEYS_ONLY', 'NewImage', false],
  ['KEYS_ONLY', 'OldImage', false],
  ['NEW_IMAGE', 'NewImage', true],
  ['NEW_IMAGE', 'OldImage', false],
  ['OLD_IMAGE', 'NewImage', false],
  ['OLD_IMAGE', 'OldImage', true],
  ['NEW_AND_OLD_IMAGES', 'OldImage', true],
  [undefined, 'NewImage', true],
])('under %s, %s can be filtered on: %s', (viewType, image, isThere) => {
  const reason = neverMatching({ dynamodb: { [image]: { id: { S: ['x'] } } } }, viewType);

  expect(reason === undefined).toBe(isThere);
  if (!isThere) expect(reason).toContain(`records of a ${viewType} stream do not have it`);
});

test.each<[FilterPattern]>([
  [{ tableName: ['orders'], eventName: ['INSERT'] }],
  [{ recordFormat: ['application/json'] }],
  [{ dynamodb: { ApproximateCreationDateTimePrecision: ['MICROSECOND'], SizeBytes: [{ numeric: ['<', 9] }] } }],
  [image({ total: { N: ['1'] } })],
])('nothing is wrong with %j for changes in a Kinesis stream', (pattern) => {
  expect(neverMatching(pattern, 'NEW_AND_OLD_IMAGES', 'kinesis')).toBeUndefined();
});

test.each<[FilterPattern, string]>([
  [{ eventVersion: ['1.1'] }, 'a change in a Kinesis stream has eventID, eventName'],
  [{ eventSourceARN: [{ prefix: 'arn:' }] }, 'a change in a Kinesis stream has eventID, eventName'],
  [{ data: { eventName: ['INSERT'] } }, 'data.eventName can never match "INSERT": a change in a Kinesis stream has'],
  [{ dynamodb: { SequenceNumber: ['1'] } }, 'dynamodb has ApproximateCreationDateTime, Keys, NewImage'],
  [{ dynamodb: { StreamViewType: ['NEW_AND_OLD_IMAGES'] } }, 'dynamodb has ApproximateCreationDateTime, Keys'],
  [{ dynamodb: { ApproximateCreationDateTimePrecision: ['SECOND'] } }, 'one of MILLISECOND, MICROSECOND'],
])('says why %j matches no change in a Kinesis stream', (pattern, reason) => {
  expect(neverMatching(pattern, 'NEW_AND_OLD_IMAGES', 'kinesis')).toContain(reason);
});

test("no change of a table's own stream has the table's name", () => {
  expect(neverMatching({ tableName: ['orders'] }, 'NEW_AND_OLD_IMAGES')).toContain('a record has eventID, eventName');
});
