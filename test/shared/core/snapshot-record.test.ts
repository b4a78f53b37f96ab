import { describe, expect, test } from 'vitest';
import { recordFilter } from '../../../shared/core/filter.ts';
import type { SourceRecord } from '../../../shared/core/ports.ts';
import { afterItem } from '../../../shared/core/position.ts';
import { completeRecord, snapshotRecord, startedRecord } from '../../../shared/core/snapshot-record.ts';

const moment = {
  streamArn: 'arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x',
  run: 2,
  nowMs: 1_700_000_000_999,
};

const event = (eventName: string, sequenceNumber: string, images: object) => ({
  eventID: `run-2:${sequenceNumber}`,
  eventName,
  eventVersion: '1',
  eventSource: 'millrace',
  awsRegion: 'eu-west-1',
  eventSourceARN: moment.streamArn,
  dynamodb: { ApproximateCreationDateTime: 1_700_000_000, ...images, SequenceNumber: sequenceNumber },
  millrace: { run: 2 },
});

describe('an existing item', () => {
  const item = { id: { S: 'a' }, at: { N: '1' }, total: { N: '5' } };
  const place = { ...moment, shardId: 'segment-0-of-2', ordinal: 7 };

  test('is a record of its run, under a name that no other has, with its key and all of it', () => {
    const record = snapshotRecord(item, ['id', 'at'], place);

    expect(record.event).toEqual(
      event('SNAPSHOT', 'segment-0-of-2:7', { Keys: { id: { S: 'a' }, at: { N: '1' } }, NewImage: item }),
    );
    expect([record.sequenceNumber, record.createdAtMs]).toEqual(['segment-0-of-2:7', moment.nowMs]);
  });

  test('is known by its key, after which its segment goes on', () => {
    const record = snapshotRecord(item, ['id', 'at'], place);

    expect(record.itemKey()).toBe('{"id":{"S":"a"},"at":{"N":"1"}}');
    expect(record.position).toEqual(afterItem('{"id":{"S":"a"},"at":{"N":"1"}}', 7));
  });

  test('without one of its key’s attributes has the others', () => {
    expect(snapshotRecord(item, ['id', 'missing'], place).itemKey()).toBe('{"id":{"S":"a"}}');
  });
});

test.each([
  ['beginning', startedRecord(moment), 'SNAPSHOT_STARTED', 'started'],
  ['end', completeRecord(moment), 'SNAPSHOT_COMPLETE', 'complete'],
])('a run’s %s is a record about no item', (_title, record, eventName, name) => {
  expect(record.event).toEqual(event(eventName, name, {}));
  expect([record.sequenceNumber, record.itemKey(), record.createdAtMs]).toEqual([name, name, moment.nowMs]);
  expect(record.position).toEqual(afterItem('', 1));
});

describe('to filters', () => {
  const isAccepted = (pattern: object, { content }: SourceRecord) => recordFilter([{ ...pattern }])(content);

  test('an existing item is as it was inserted', () => {
    const item = { id: { S: 'a' }, total: { N: '5' } };
    const record = snapshotRecord(item, ['id'], { ...moment, shardId: 'segment-0-of-1', ordinal: 1 });

    expect(isAccepted({ eventName: ['INSERT'], eventSource: ['aws:dynamodb'] }, record)).toBe(true);
    expect(isAccepted({ dynamodb: { NewImage: { total: { N: ['5'] } } } }, record)).toBe(true);
    expect(isAccepted({ dynamodb: { NewImage: { total: { N: ['6'] } } } }, record)).toBe(false);
    expect(isAccepted({ eventName: ['MODIFY', 'REMOVE'] }, record)).toBe(false);
  });

  test('a run’s beginning and end are about no item, and pass', () => {
    expect([startedRecord(moment).content, completeRecord(moment).content]).toEqual([null, null]);
  });
});

test('a stream’s ARN without a region leaves the record’s empty', () => {
  expect(startedRecord({ ...moment, streamArn: 'local' }).event).toMatchObject({ awsRegion: '' });
});
