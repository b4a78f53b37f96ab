import { expect, test } from 'vitest';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { simulatedRandom } from '../../../shared/testing/simulated-random.ts';
import { type SimulatedStreamOptions, simulatedStream } from '../../../shared/testing/simulated-stream.ts';

const NOW = Date.parse('2026-02-03T04:05:06.789Z');

function aStream(options: Partial<SimulatedStreamOptions> = {}) {
  const clock = simulatedClock(NOW);
  return { clock, stream: simulatedStream({ clock, random: simulatedRandom(1), ...options }) };
}

test('a write becomes a record in the JSON of Lambda, its time rounded down to the second', () => {
  const { stream } = aStream();

  stream.write('a', { total: { N: '1' } });
  const record = stream.write('a', { total: { N: '2' } });

  expect(record?.createdAtMs).toBe(Date.parse('2026-02-03T04:05:06Z'));
  expect(record?.event).toMatchObject({
    eventName: 'MODIFY',
    eventSourceARN: 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2026-02-03T04:05:06.789',
    dynamodb: {
      ApproximateCreationDateTime: Date.parse('2026-02-03T04:05:06Z') / 1000,
      Keys: { pk: { S: 'a' } },
      NewImage: { pk: { S: 'a' }, total: { N: '2' } },
      OldImage: { pk: { S: 'a' }, total: { N: '1' } },
      SequenceNumber: record?.sequenceNumber,
    },
  });
});

test('an item is inserted, modified, removed and inserted again', () => {
  const { stream } = aStream();

  const records = [stream.write('a'), stream.write('a'), stream.remove('a'), stream.write('a')];

  expect(records.map((record) => record?.event.eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE', 'INSERT']);
});

test('removing what is not there leaves no record', () => {
  expect(aStream().stream.remove('a')).toBeNull();
});

test('sequence numbers grow across the digit where their length does', () => {
  const { stream } = aStream({ firstSequenceNumber: '999999999999999999990' });

  const numbers = Array.from({ length: 20 }, () => BigInt(stream.write('a')!.sequenceNumber));

  expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)));
  expect(numbers.at(-1)).toBeGreaterThan(10n ** 21n);
});

test('a split closes its shard and divides the items between two children, which begin above its end', () => {
  const { stream } = aStream();
  const [parent] = stream.openShards();
  const last = stream.write('a');

  stream.split(parent!.shardId);

  const children = stream.openShards();
  expect(children.map(({ parents }) => parents)).toEqual([[parent!.shardId], [parent!.shardId]]);
  expect(parent!.closedAtMs).toBe(NOW);
  for (const { startingSequenceNumber } of children) {
    expect(BigInt(startingSequenceNumber)).toBeGreaterThan(BigInt(last!.sequenceNumber));
  }
  const used = new Set(Array.from({ length: 50 }, (_, i) => stream.write(`item-${i}`)!.shardId));
  expect(used).toEqual(new Set(children.map(({ shardId }) => shardId)));
});

test('an item stays in its shard until that shard closes', () => {
  const { stream } = aStream({ shards: 4 });
  const shardId = stream.write('a')?.shardId;

  expect(stream.write('a')?.shardId).toBe(shardId);
  stream.roll(shardId!);
  expect(stream.write('a')?.shardId).not.toBe(shardId);
});

test('shards that adjoin merge into one child with two parents, and no others do', () => {
  const { stream } = aStream({ shards: 3 });
  const [a, b, c] = stream.openShards().map(({ shardId }) => shardId);

  expect(() => stream.merge(a!, c!)).toThrow('shards to merge must hold items that adjoin');
  stream.merge(a!, b!);

  expect(stream.openShards().map(({ parents }) => parents)).toEqual([[], [a, b]]);
});

test('a stream that is turned off and on again has another identity and counts from the beginning', async () => {
  const { clock, stream } = aStream();
  const first = stream.write('a');
  stream.disable();
  expect(stream.write('a')).toBeNull();
  await clock.advanceBy(1);
  stream.enable();

  const [before, after] = stream.lives;
  expect(after!.identity.arn).not.toBe(before!.identity.arn);
  expect(before!.disabledAtMs).toBe(NOW);
  expect(BigInt(stream.write('a')!.sequenceNumber) - BigInt(first!.sequenceNumber)).toBeLessThan(10_000n);
});

test('a dropped table takes its items along and names no stream until a new one is turned on', () => {
  const { stream } = aStream();
  stream.write('a');

  stream.dropTable();
  expect([stream.tableExists(), stream.latest()]).toEqual([false, null]);
  stream.createTable();
  expect([stream.tableExists(), stream.latest()]).toEqual([true, null]);
  stream.enable();
  expect(stream.write('a')?.event.eventName).toBe('INSERT');
});
