import { expect, test } from 'vitest';
import { shardCreatedAtMs, streamCreatedAtMs } from '../../../shared/core/stream-time.ts';

const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/';

test("a stream's ARN tells in UTC when it was created", () => {
  expect(streamCreatedAtMs(`${STREAM}2015-05-11T21:21:33.291`)).toBe(Date.UTC(2015, 4, 11, 21, 21, 33, 291));
});

test.for(['', 'now', '2015-05-11T21:21:33.291Z'])('an ARN that ends in %j is refused', (label) => {
  expect(() => streamCreatedAtMs(STREAM + label)).toThrow(
    `a stream's ARN must end in the time of its creation, such as stream/2015-05-11T21:21:33.291, got ${STREAM}${label}`,
  );
});

test("a shard's id tells when it was created, where it has AWS's form", () => {
  expect(shardCreatedAtMs('shardId-00000001573689847184-864758bb')).toBe(1_573_689_847_184);
});

test.for([
  'shardId-000000000000',
  'shardId-0000000157368984718-864758bb',
  'x-00000001573689847184-864758bb',
  'shardId-00000001573689847184-864758bb!',
])('the id %s tells no time', (shardId) => {
  expect(shardCreatedAtMs(shardId)).toBeNull();
});
