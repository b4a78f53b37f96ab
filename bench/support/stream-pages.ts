import type { RawItem } from '../../shared/core/record.ts';
import type { WireRecord } from '../../shared/core/stream-record.ts';

/** So many records with two images of a kilobyte are about the megabyte that GetRecords answers with at most. */
export const PAGE_RECORDS = 450;
export const PAGES = 20;

export const STUB_STREAM_ARN = 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000';

/** An order of about a kilobyte, as DynamoDB counts it: two dozen attributes, a map and a list among them. */
export function order(number: number, status: string): RawItem {
  const text = (name: string, length: number): string => `${name} ${number} `.repeat(length).slice(0, length);
  return {
    orderId: { S: `order-${number}` },
    status: { S: status },
    total: { N: String(number + 0.25) },
    placedAt: { N: String(1_767_225_600_000 + number) },
    isGift: { BOOL: number % 2 === 0 },
    coupon: { NULL: true },
    note: { S: text('please leave it at the door', 220) },
    customer: {
      M: {
        name: { S: text('Ada', 24) },
        email: { S: `ada-${number}@example.com` },
        address: {
          M: {
            street: { S: text('St James Square', 40) },
            city: { S: 'London' },
            zip: { S: 'SW1Y 4LE' },
            country: { S: 'GB' },
          },
        },
      },
    },
    tags: { SS: ['fragile', 'gift', 'express'] },
    lines: {
      L: Array.from({ length: 5 }, (_, line) => ({
        M: {
          sku: { S: `sku-${number}-${line}` },
          title: { S: text('tea', 48) },
          quantity: { N: String(line + 1) },
          price: { N: String(line * 2 + 0.5) },
        },
      })),
    },
  };
}

const sequenceNumber = (number: number): string => String(100_000_000_000_000_000_000n + BigInt(number) * 7n);

/** A change of an order, as GetRecords has it. */
export const wireRecord = (number: number): WireRecord => ({
  eventID: number.toString(16).padStart(32, '0'),
  eventName: 'MODIFY',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'eu-central-1',
  dynamodb: {
    ApproximateCreationDateTime: 1_767_225_600 + Math.floor(number / 100),
    Keys: { orderId: { S: `order-${number}` } },
    NewImage: order(number, 'paid'),
    OldImage: order(number, 'new'),
    SequenceNumber: sequenceNumber(number),
    SizeBytes: 2_048,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
});

/** The text of GetRecords' answer for one page of the shard. */
export const pageText = (page: number): string =>
  JSON.stringify({
    Records: Array.from({ length: PAGE_RECORDS }, (_, index) => wireRecord(page * PAGE_RECORDS + index)),
    NextShardIterator: String(page + 1),
  });
