import fc from 'fast-check';
import { expect, test } from 'vitest';
import { streamPage } from '../../../shared/core/stream-page.ts';
import type { WireRecord } from '../../../shared/core/stream-record.ts';
import { sourceRecord } from '../../../shared/core/stream-record.ts';

const ARN = 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000';

const aRecord = (changes: Partial<WireRecord> = {}, sequenceNumber = '100000000000000000001'): WireRecord => ({
  awsRegion: 'eu-central-1',
  eventID: '0123456789abcdef0123456789abcdef',
  eventName: 'MODIFY',
  eventSource: 'aws:dynamodb',
  eventVersion: '1.1',
  dynamodb: {
    ApproximateCreationDateTime: 1_767_225_600,
    Keys: { pk: { S: 'order "1"' }, sk: { N: '2' } },
    NewImage: { pk: { S: 'order "1"' }, sk: { N: '2' }, dynamodb: { M: { SequenceNumber: { S: '7' } } } },
    SequenceNumber: sequenceNumber,
    SizeBytes: 40,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
  ...changes,
});

const pageOf = (records: readonly WireRecord[], space = 0) =>
  streamPage(Buffer.from(JSON.stringify({ Records: records, NextShardIterator: 'next' }, null, space)), ARN);

test('a record is what parsing and writing it again would make of it', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('naïve €', '😀', '"}\\', '\u2028\n'));
  const images = fc.dictionary(text, fc.record({ S: text }), {
    noNullPrototype: true,
    maxKeys: 5,
  });
  fc.assert(
    fc.property(images, fc.constantFrom(0, 2), (image, space) => {
      const wire = aRecord({ dynamodb: { ...aRecord().dynamodb, NewImage: image, OldImage: image } });

      const [record] = pageOf([wire], space).records;

      const expected = sourceRecord(JSON.parse(JSON.stringify(wire)) as WireRecord, ARN);
      expect(record?.sequenceNumber).toBe(expected.sequenceNumber);
      expect(record?.createdAtMs).toBe(expected.createdAtMs);
      expect(record?.itemKey()).toBe(expected.itemKey());
      expect(record?.event).toEqual(expected.event);
      expect(JSON.parse(record?.text ?? '')).toEqual(expected.event);
    }),
  );
});

test('records come in their order, and the iterator with them', () => {
  const page = pageOf(['1', '2', '3'].map((number) => aRecord({}, number)));

  expect(page.records.map((record) => record.sequenceNumber)).toEqual(['1', '2', '3']);
  expect(page.next).toBe('next');
});

test('a page without records or iterator is the end of a shard', () => {
  expect(streamPage(Buffer.from('{}'), ARN)).toEqual({ records: [], next: null });
  expect(streamPage(Buffer.from(' {"Records":null,"NextShardIterator":null} '), ARN)).toEqual({
    records: [],
    next: null,
  });
});

test('who deleted an expired item is named as in the event of Lambda', () => {
  const [record] = pageOf([
    aRecord({ userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  ]).records;

  expect(record?.event).toMatchObject({ userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' } });
});

test('a record without a sequence number is refused, not passed on', () => {
  const { SequenceNumber: _, ...dynamodb } = aRecord().dynamodb;

  expect(() => pageOf([aRecord({ dynamodb: dynamodb as WireRecord['dynamodb'] })])).toThrow(/SequenceNumber/);
});
