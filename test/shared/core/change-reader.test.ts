import { describe, expect, test, vi } from 'vitest';
import { itemOf } from '../../../shared/core/change.ts';
import { type AnyChange, changeReader } from '../../../shared/core/change-reader.ts';
import type { EventRecord } from '../../../shared/core/record.ts';
import {
  type ChangeDraft,
  type EventOptions,
  eventOf,
  gapOf,
  insertOf,
  modifyOf,
  removeOf,
  snapshotCompleteOf,
  snapshotOf,
  snapshotStartedOf,
} from '../../../shared/testing/index.ts';

const recordOf = (draft: ChangeDraft, options: EventOptions = {}): EventRecord => eventOf([draft], options).Records[0]!;
const read = (draft: ChangeDraft, options: EventOptions = {}): AnyChange =>
  changeReader({ run: 0 })(recordOf(draft, options));

describe('a change', () => {
  test('carries its identity, keys, images and size', () => {
    const order = { orderId: 'order-1', total: 12.5 };

    const change = read(modifyOf(order, { ...order, total: 13 }), {
      tableName: 'orders',
      region: 'us-east-1',
      from: new Date('2026-02-01T00:00:00Z'),
    });

    expect(change).toMatchObject({
      kind: 'modify',
      keys: { orderId: 'order-1' },
      oldImage: { orderId: 'order-1', total: 12.5 },
      newImage: { orderId: 'order-1', total: 13 },
      changed: [{ path: 'total', oldValue: 12.5, newValue: 13 }],
      eventId: '00000000000000056bc75e2d63100000',
      idempotencyKey: '00000000000000056bc75e2d63100000',
      sequenceNumber: '100000000000000000000',
      approximateTime: new Date('2026-02-01T00:00:00Z'),
      tableName: 'orders',
      region: 'us-east-1',
      streamArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000',
    });
    expect('sizeBytes' in change && change.sizeBytes).toBeGreaterThan(0);
  });

  test('is expired only where time to live removed the item', () => {
    expect(read(removeOf({ id: 'a' }, { expired: true }))).toMatchObject({ kind: 'remove', expired: true });
    expect(read(removeOf({ id: 'a' }))).toMatchObject({ expired: false });
    const byHand = { ...recordOf(removeOf({ id: 'a' })), userIdentity: { principalId: 'me', type: 'Service' } };
    expect(changeReader({ run: 0 })(byHand as EventRecord)).toMatchObject({ expired: false });
  });

  test('reads gaps, snapshots and the bounds of a run', () => {
    expect(read(gapOf({ reason: 'shard-vanished' }))).toMatchObject({ kind: 'gap', gap: { reason: 'shard-vanished' } });
    expect(read(snapshotOf({ id: 'a' }, 3))).toMatchObject({ kind: 'snapshot', newImage: { id: 'a' }, run: 3 });
    expect(read(snapshotStartedOf(3))).toMatchObject({ kind: 'snapshotStarted', run: 3 });
    expect(read(snapshotCompleteOf(3))).toMatchObject({ kind: 'snapshotComplete', run: 3 });
  });

  test('that begins or ends a run has the version of its snapshots', () => {
    const { version } = read(snapshotOf({ id: 'a' }, 3)) as { readonly version: string };

    expect(version).toContain('-0000000003-');
    expect(read(snapshotStartedOf(3))).toHaveProperty('version', version);
    expect(read(snapshotCompleteOf(3))).toHaveProperty('version', version);
  });

  test('decodes an image when it is read, once', () => {
    const parse = vi.fn((item: object) => item);
    const change = changeReader({ run: 0, parse })(recordOf(modifyOf({ id: 'a' }, { id: 'a', b: 1 })));
    if (change.kind !== 'modify') throw new Error(change.kind);

    expect(parse).not.toHaveBeenCalled();
    expect(change.newImage).toBe(change.newImage);
    expect(parse.mock.calls.map((call: unknown[]) => call[1])).toEqual(['newImage']);
  });

  test('names the view type when an image is read that the stream does not carry', () => {
    const change = read(insertOf({ id: 'a' }), { viewType: 'KEYS_ONLY', tableName: 'orders' });

    expect(() => 'newImage' in change && change.newImage).toThrow(
      /reads newImage .* the stream of table orders has the view type KEYS_ONLY/,
    );
  });

  test('costs nothing for what is not read: nothing in an item is looked at', () => {
    const record = recordOf(insertOf({ id: 'a' }));
    const unreadable = new Proxy({}, { ownKeys: () => expect.unreachable('the image was looked at') });

    const change = changeReader({ run: 0 })({
      ...record,
      dynamodb: { ...record.dynamodb, NewImage: unreadable },
    } as EventRecord);

    expect(change.kind).toBe('insert');
  });
});

describe('a record that is none', () => {
  test('is refused with an error that names what is missing', () => {
    const reading = changeReader({ run: 0 });

    expect(() => reading({ kinesis: {} } as unknown as EventRecord)).toThrow(/must have dynamodb.SequenceNumber/);
    expect(() =>
      reading({ ...recordOf(insertOf({ id: 'a' })), eventName: 'UPSERT' } as unknown as EventRecord),
    ).toThrow(/eventName must be one of INSERT, .*, got "UPSERT"/);
  });
});

test('two records are of one item exactly if their keys are equal, in whatever order they come', () => {
  const of = (keys: object) => itemOf({ dynamodb: { Keys: keys } } as EventRecord);

  expect(of({ a: { S: '1' }, b: { N: '2' } })).toBe(of({ b: { N: '2' }, a: { S: '1' } }));
  expect(of({ a: { S: '1' } })).not.toBe(of({ a: { N: '1' } }));
  expect(of({ a: { S: '1' }, b: { S: '2' } })).not.toBe(of({ a: { S: '2' }, b: { S: '1' } }));
  expect(itemOf(recordOf(gapOf()))).toBeNull();
});
