import { describe, expect, test } from 'vitest';
import type { Marker, ParkedChange } from '../../../shared/core/parking.ts';
import {
  asRead,
  CHUNKS,
  changeItem,
  changeKey,
  chunkKey,
  chunkPrefix,
  eventItem,
  eventKey,
  keyOfRow,
  markerItem,
  markerKey,
  markerOf,
  markerPartition,
  markerValue,
  type ParkingItem,
  parkedChange,
  queuePartition,
  storedChange,
} from '../../../shared/core/parking-row.ts';
import { eventOf, insertOf } from '../../../shared/testing/index.ts';

const place = { stream: 'arn:stream', sequenceNumber: '100', run: 0, isSnapshot: false };

const marker: Marker = {
  item: 'orders [["id",{"S":"a"}]]',
  queue: 'q1',
  revision: 3,
  head: 1,
  headPlace: place,
  next: 4,
  parkedAtMs: 5,
  error: 'Error: no stock',
  failedRedrives: 2,
  lease: { owner: 'redrive-1', untilMs: 9 },
};

const [record] = eventOf([insertOf({ id: 'a' })]).Records;
const change: ParkedChange = { number: 7, place, parkedAtMs: 5, error: null, record: record! };
const { record: _record, ...stored } = change;

const keyText = ({ pk, sk }: ParkingItem) => [pk?.S, sk?.S];
const chunked = { chunks: 3, write: 'w#1' };

describe('the keys of the parking table', () => {
  test('read like what they name, in the order of the numbers', () => {
    expect(keyText(markerKey('orders', 'hash'))).toEqual(['parked#orders', 'hash']);
    expect(keyText(changeKey('orders', 'q1', 7))).toEqual(['queue#orders#q1', 'change#000000000007']);
    expect(keyText(eventKey('orders', 'q1', 'event-1'))).toEqual(['queue#orders#q1', 'event#event-1']);
    expect(keyText(chunkKey('orders', 'q1', 7, chunked, 2))).toEqual([
      'queue#orders#q1',
      'chunk#000000000007#w%231#000000000002',
    ]);
  });

  test('keep apart what a # in a name would join', () => {
    expect(markerPartition('a#b')).toBe('parked#a%23b');
    expect(queuePartition('a#b', 'c')).not.toBe(queuePartition('a', 'b#c'));
    expect(queuePartition('a%23b', 'c')).not.toBe(queuePartition('a#b', 'c'));
  });

  test('of one payload’s chunks begin alike, and like those of no other', () => {
    const sortKey = chunkKey('orders', 'q1', 7, chunked, 2).sk?.S;

    expect(sortKey?.startsWith(chunkPrefix(7, chunked))).toBe(true);
    expect(sortKey?.startsWith(chunkPrefix(7, { ...chunked, write: 'w' }))).toBe(false);
    expect(sortKey?.startsWith(CHUNKS)).toBe(true);
  });

  test('of a row that was read are its keys alone', () => {
    const row = { ...changeKey('orders', 'q1', 7), other: { S: 'x' } };

    expect(keyOfRow(row)).toEqual(changeKey('orders', 'q1', 7));
    expect(keyOfRow({ other: { S: 'x' } })).toEqual({});
  });
});

describe('a marker', () => {
  test.each([marker, { ...marker, lease: null }])('is read as it was written', (one) => {
    expect(markerOf({ ...markerKey('orders', 'hash'), ...markerItem(one) })).toEqual(one);
    expect(markerItem(one)).toMatchObject({ format: { N: '1' }, marker: markerValue(one) });
  });

  test('is written on the queue and the revision that were read, or on there being none', () => {
    expect(asRead(marker)).toEqual({
      ConditionExpression: '#marker.#queue = :queue and #marker.#revision = :revision',
      ExpressionAttributeNames: { '#marker': 'marker', '#queue': 'queue', '#revision': 'revision' },
      ExpressionAttributeValues: { ':queue': { S: 'q1' }, ':revision': { N: '3' } },
    });
    expect(asRead(null)).toEqual({ ConditionExpression: 'attribute_not_exists(pk)' });
  });

  const row = { ...markerKey('orders', 'hash'), ...markerItem(marker) };
  const spoilt = (changes: object) => ({ ...row, marker: { M: { ...markerValue(marker).M, ...changes } } });

  test.each<readonly [string, ParkingItem, string]>([
    [
      'of a newer format',
      { ...row, format: { N: '2' } },
      'has format 2, and this release of Millrace reads formats up to 1: deploy the newer release',
    ],
    ['without a marker', markerKey('orders', 'hash'), 'is malformed: marker must be '],
    ['with another kind of item', spoilt({ item: { N: '1' } }), 'is malformed: marker.item must be a text'],
    ['with a broken number', spoilt({ next: { N: '1.5' } }), 'is malformed: marker.next must be a whole number'],
    ['with a text for a number', spoilt({ next: { S: '1' } }), 'is malformed: marker.next must be a whole number'],
    [
      'with another kind of place',
      spoilt({ headPlace: { S: 'x' } }),
      'is malformed: marker.headPlace must be a place with stream and sequenceNumber',
    ],
    [
      'with a place that does not say what it is',
      spoilt({
        headPlace: { M: { stream: { S: 's' }, sequenceNumber: { S: '1' }, run: { N: '0' }, isSnapshot: { S: 'no' } } },
      }),
      'is malformed: marker.headPlace.isSnapshot must be true or false',
    ],
    [
      'with another kind of lease',
      spoilt({ lease: { S: 'x' } }),
      'is malformed: marker.lease must be a lease with owner and untilMs',
    ],
    ['that is a text', { ...row, marker: { S: 'x' } }, 'is malformed: marker must be a marker'],
  ])('%s is refused, by row and field', (_title, item, message) => {
    expect(() => markerOf(item)).toThrow(`the row "parked#orders", "hash" of the parking table ${message}`);
  });

  test('without keys is refused, too', () => {
    expect(() => markerOf({})).toThrow('the row null, null of the parking table is malformed');
  });
});

describe('a parked change', () => {
  test.each([new Uint8Array([1, 2, 3]), chunked])(
    'is read as it was written, its payload within or in chunks',
    (payload) => {
      const item = changeItem('orders', 'q1', change, payload);

      expect(storedChange(item)).toMatchObject({ change: stored, payload });
      expect(keyOfRow(item)).toEqual(changeKey('orders', 'q1', 7));
      expect(JSON.stringify(item)).not.toContain('eventID');
    },
  );

  test('is whole again with its payload', () => {
    expect(parkedChange(stored, JSON.stringify(record))).toEqual(change);
  });

  test.each(['null', '"text"', '{}', '[]'])('whose payload is %s is refused', (json) => {
    expect(() => parkedChange(stored, json)).toThrow('the payload of parked change 7 is no record of a stream');
  });

  test.each<readonly [string, object, string]>([
    ['number', { change: { M: { number: { S: '7' } } } }, 'change.number must be a whole number'],
    ['change', { change: { S: 'x' } }, 'change must be a change with number and place'],
    ['payload', { payload: { S: 'x' } }, 'payload must be bytes, or the number and the id of chunks'],
  ])('with another kind of %s is refused, by row and field', (_title, changes, message) => {
    const item: ParkingItem = { ...changeItem('orders', 'q1', change, chunked), ...changes };

    expect(() => storedChange(item)).toThrow(
      `the row "queue#orders#q1", "change#000000000007" of the parking table is malformed: ${message}`,
    );
  });

  test('is found by the id of its event', () => {
    expect(eventItem('orders', 'q1', change)).toEqual({
      ...eventKey('orders', 'q1', record!.eventID),
      format: { N: '1' },
      number: { N: '7' },
    });
  });
});
