import { describe, expect, test } from 'vitest';
import { decodeItem } from '../../../shared/core/decode.ts';
import { encodeItem, eventOf, insertOf, modifyOf, removeOf, snapshotOf } from '../../../shared/testing/index.ts';

const order = { orderId: 'order-1', total: 12.5 };

describe('eventOf', () => {
  test('is what Lambda sends for these changes', () => {
    const event = eventOf([modifyOf(order, { ...order, total: 13 })], { tableName: 'orders', region: 'us-east-1' });

    expect(event).toEqual({
      Records: [
        {
          eventID: '00000000000000056bc75e2d63100000',
          eventName: 'MODIFY',
          eventVersion: '1.1',
          eventSource: 'aws:dynamodb',
          awsRegion: 'us-east-1',
          eventSourceARN: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000',
          dynamodb: {
            ApproximateCreationDateTime: 1_767_225_600,
            Keys: { orderId: { S: 'order-1' } },
            NewImage: { orderId: { S: 'order-1' }, total: { N: '13' } },
            OldImage: { orderId: { S: 'order-1' }, total: { N: '12.5' } },
            SequenceNumber: '100000000000000000000',
            SizeBytes: expect.any(Number),
            StreamViewType: 'NEW_AND_OLD_IMAGES',
          },
        },
      ],
    });
  });

  test('gives every change a place, an id and a time of its own', () => {
    const { Records } = eventOf([insertOf(order), removeOf(order), insertOf(order)]);

    const distinct = (values: readonly unknown[]) => new Set(values).size;
    expect(distinct(Records.map((record) => record.dynamodb.SequenceNumber))).toBe(3);
    expect(distinct(Records.map((record) => record.eventID))).toBe(3);
    expect(distinct(Records.map((record) => record.dynamodb.ApproximateCreationDateTime))).toBe(3);
  });

  test.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ] as const)('carries of a modified item what a stream of %s carries', (viewType, images) => {
    const [record] = eventOf([modifyOf(order, order)], { viewType }).Records;

    expect(Object.keys(record!.dynamodb).filter((name) => name.endsWith('Image'))).toEqual(images);
  });

  test('takes the key from the attributes named, and from the first one otherwise', () => {
    const keysOf = (keys?: readonly string[]) =>
      eventOf([insertOf(order)], keys ? { keys } : {}).Records[0]?.dynamodb.Keys;

    expect(keysOf()).toEqual({ orderId: { S: 'order-1' } });
    expect(keysOf(['orderId', 'total'])).toEqual({ orderId: { S: 'order-1' }, total: { N: '12.5' } });
  });

  test('marks a delete by time to live as DynamoDB does', () => {
    const [record] = eventOf([removeOf(order, { expired: true })]).Records;

    expect(record).toMatchObject({ userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' } });
  });

  test('carries a run with changes and snapshots', () => {
    const { Records } = eventOf([insertOf(order), snapshotOf(order, 3)], { run: 3 });

    expect(Records.map((record) => record.millrace)).toEqual([{ run: 3 }, { run: 3 }]);
  });
});

describe('encodeItem', () => {
  test('is read back by a handler as it was written', () => {
    const item = {
      text: '',
      number: -12.5,
      big: 123456789012345678901234567890n,
      bytes: new Uint8Array([1, 2]),
      yes: true,
      nothing: null,
      list: [1, 'a', [true]],
      map: { deep: { deeper: 1 } },
      texts: new Set(['a', 'b']),
      numbers: new Set([1, 2.5]),
      binaries: new Set([new Uint8Array([1])]),
    };

    expect(decodeItem(encodeItem(item))).toEqual(item);
    expect(decodeItem(encodeItem(decodeItem({ n: { N: '0.12345678901234567890123456789012345678' } })))).toEqual(
      decodeItem({ n: { N: '0.12345678901234567890123456789012345678' } }),
    );
  });

  test('leaves out what is undefined and keeps an attribute called __proto__', () => {
    expect(encodeItem({ a: undefined })).toEqual({});
    expect(JSON.stringify(encodeItem(JSON.parse('{"__proto__":"x"}')))).toBe('{"__proto__":{"S":"x"}}');
  });

  test.each([
    [{ at: new Date(0) }, 'at must be .* got a Date'],
    [{ list: [{ n: Number.NaN }] }, 'list\\[0\\]\\.n must be .* got NaN'],
    [{ tags: new Set() }, 'tags must be .* got an empty set'],
    [{ tags: new Set(['a', 1]) }, 'tags must be .* got a set of several kinds'],
    [{ run: () => 1 }, 'run must be'],
  ])('fails for what DynamoDB cannot store: %o', (item, message) => {
    expect(() => encodeItem(item)).toThrow(new RegExp(message));
  });
});
