import { describe, expect, test } from 'vitest';
import { afterSequenceNumber, trimHorizon } from '../../shared/core/position.ts';
import { parsePositions } from '../../shared/core/positions-file.ts';
import type { EventRecord } from '../../shared/core/record.ts';
import type { TailNotice, TailSource } from '../../shared/core/tail-source.ts';
import type { TailStart } from '../../shared/core/tail-start.ts';
import { tail } from '../../shared/tail.ts';
import { simulatedClock } from '../../shared/testing/simulated-clock.ts';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { type SimulatedSourceOptions, simulatedSource } from '../../shared/testing/simulated-source.ts';
import { type SimulatedStreamOptions, simulatedStream } from '../../shared/testing/simulated-stream.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 1, 3);

/** A table, and tails of it on a clock that the test moves. */
function aTable(options: Partial<SimulatedSourceOptions & SimulatedStreamOptions> & { readonly seed?: number } = {}) {
  const clock = simulatedClock(NOW);
  const random = simulatedRandom(options.seed ?? 1);
  const stream = simulatedStream({ clock, random, ...options });
  const simulated = simulatedSource({ stream, clock, random, ...options });
  const source: TailSource = {
    ...simulated,
    openLatest: (identity, shardId) => {
      const shard = stream.lives.find(({ identity: { arn } }) => arn === identity.arn)?.shards.get(shardId);
      const last = shard?.records.at(-1)?.sequenceNumber;
      return simulated.open(identity, shardId, last === undefined ? trimHorizon() : afterSequenceNumber(last));
    },
  };
  const notices: TailNotice[] = [];
  const follow = (start: TailStart, replaced: Partial<TailSource> = {}, accepts?: (event: object) => boolean) => {
    const stop = new AbortController();
    const told: EventRecord[] = [];
    const ports = {
      source: { ...source, ...replaced },
      clock,
      report: (notice: TailNotice) => void notices.push(notice),
      random: random.next,
    };
    const following = tail(ports, { start, signal: stop.signal, ...(accepts && { accepts }) });
    const ended = (async () => {
      for await (const record of following.records()) told.push(record);
    })();
    return {
      told,
      keys: () => told.map(keyOf),
      positions: () => parsePositions(JSON.stringify(following.positions())),
      stop: async () => {
        stop.abort();
        await clock.advanceBy(1);
        await ended;
      },
      ended,
    };
  };
  return { clock, random, stream, source, notices, follow };
}

const keyOf = (record: EventRecord): string => {
  const key = record.dynamodb.Keys?.pk;
  return key !== undefined && 'S' in key ? key.S : record.eventName;
};

test('a tail without a time tells what comes after it began, and nothing from before', async () => {
  const { clock, stream, follow } = aTable({ shards: 2 });
  stream.write('old');
  await clock.advanceBy(HOUR);
  const { keys } = follow({ at: 'next' });
  await clock.advanceBy(SECOND);

  stream.write('a');
  await clock.advanceBy(2 * SECOND);
  stream.write('b');
  await clock.advanceBy(2 * SECOND);

  expect(keys()).toEqual(['a', 'b']);
});

test('a tail since a time tells everything from that second on, over shards that have rolled', async () => {
  const { clock, stream, follow } = aTable();
  stream.write('a');
  stream.roll(stream.openShards()[0]!.shardId);
  await clock.advanceBy(HOUR);
  stream.write('b');
  const since = clock.nowMs();
  await clock.advanceBy(MINUTE);
  stream.roll(stream.openShards()[0]!.shardId);
  stream.write('c');

  const { keys } = follow({ at: 'time', momentMs: since });
  await clock.advanceBy(10 * SECOND);
  stream.roll(stream.openShards()[0]!.shardId);
  stream.write('d');
  await clock.advanceBy(MINUTE);

  expect(keys()).toEqual(['b', 'c', 'd']);
});

test('a child of a shard that a tail opened at what comes next is told from its beginning', async () => {
  const { clock, stream, follow } = aTable({ listingLagMs: () => 5 * SECOND });
  await clock.advanceBy(MINUTE);
  const { keys } = follow({ at: 'next' });
  await clock.advanceBy(SECOND);

  stream.split(stream.openShards()[0]!.shardId);
  for (const key of ['a', 'b', 'c', 'd']) stream.write(key);
  await clock.advanceBy(MINUTE);

  expect(keys().toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

test('changes of different shards come in the order of time', async () => {
  const { clock, stream, follow } = aTable({ shards: 4, pageRecords: 3, emptyPages: () => 2 });
  const written: string[] = [];
  for (let second = 0; second < 60; second += 1) {
    stream.write(`item-${second}`);
    written.push(`item-${second}`);
    await clock.advanceBy(SECOND);
  }

  const { keys } = follow({ at: 'trim-horizon' });
  await clock.advanceBy(MINUTE);

  expect(keys()).toEqual(written);
});

test('only what the filter accepts is told, and a token is behind the rest, too', async () => {
  const { clock, stream, follow } = aTable();
  const isOfA = (event: object) => keyOf(event as EventRecord) === 'a';
  for (const key of ['a', 'b', 'a', 'c']) stream.write(key);

  const first = follow({ at: 'trim-horizon' }, {}, isOfA);
  await clock.advanceBy(10 * SECOND);
  await first.stop();
  stream.write('d');
  const second = follow({ at: 'positions', positions: first.positions() });
  await clock.advanceBy(10 * SECOND);

  expect(first.keys()).toEqual(['a', 'a']);
  expect(second.keys()).toEqual(['d']);
});

describe('over many seeds of rolls, splits, empty pages and failures', () => {
  const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);

  test.each(seeds)(
    'seed %i: two tails, the second from the token of the first, tell each change once and in order',
    async (seed) => {
      const table = aTable({
        seed,
        shards: 1 + (seed % 3),
        pageRecords: 1 + (seed % 5),
        emptyPages: () => seed % 4,
        listingLagMs: () => (seed % 3) * 4 * SECOND,
        iteratorExpiryMs: seed % 2 === 0 ? 30 * SECOND : 15 * MINUTE,
        tellsChildren: seed % 4 !== 0,
      });
      const { clock, stream, random, source, follow } = table;
      const written: string[] = [];
      const live = (minutes: number) => {
        const write = () => {
          const record = stream.write(`item-${random.whole(1, 6)}`, { n: { N: String(written.length) } });
          if (record) written.push(record.event.eventID);
          const open = stream.openShards();
          if (random.chance(0.03) && open.length < 6)
            stream[random.pick(['roll', 'split'] as const)](random.pick(open).shardId);
        };
        for (let at = 0; at < minutes * MINUTE; at += random.whole(1, 3) * SECOND) clock.after(at, write);
      };
      const flaky: Partial<TailSource> = {
        read: (...args) =>
          random.chance(0.1)
            ? Promise.resolve({ kind: 'failed', reason: 'throttled', message: 'LimitExceededException' })
            : source.read(...args),
      };
      live(3);

      const first = follow({ at: 'trim-horizon' }, flaky);
      await clock.advanceBy(random.whole(10, 170) * SECOND);
      await first.stop();
      live(2);
      const second = follow({ at: 'positions', positions: first.positions() }, flaky);
      await clock.advanceBy(20 * MINUTE);
      await second.stop();

      const told = [...first.told, ...second.told];
      expect(told.map(({ eventID }) => eventID).toSorted()).toEqual(written.toSorted());
      for (const item of new Set(told.map(keyOf))) {
        const ids = told.filter((record) => keyOf(record) === item).map(({ eventID }) => eventID);
        expect(ids).toEqual(ids.toSorted());
      }
    },
  );
});

test('a shard that is throttled is left alone for a while, and does not hold the others up', async () => {
  const { clock, stream, notices, source, follow } = aTable({ shards: 2 });
  const [refused] = stream.openShards();
  for (let n = 0; n < 20; n += 1) stream.write(`item-${n}`);
  let reads = 0;
  const { told } = follow(
    { at: 'trim-horizon' },
    {
      read: (stream_, iterator) => {
        if (!iterator.includes(refused!.shardId)) return source.read(stream_, iterator);
        reads += 1;
        return Promise.resolve({ kind: 'failed', reason: 'throttled', message: 'LimitExceededException' });
      },
    },
  );
  await clock.advanceBy(MINUTE);

  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(20);
  expect(notices).toContainEqual({ kind: 'throttled', shardId: refused!.shardId, message: 'LimitExceededException' });
  expect(reads).toBeLessThan(40);
});

test('trimmed data is told as a gap, and what is left comes after it', async () => {
  const { clock, stream, follow } = aTable();
  stream.write('a');
  const first = follow({ at: 'trim-horizon' });
  await clock.advanceBy(10 * SECOND);
  await first.stop();
  stream.write('b');
  await clock.advanceBy(25 * HOUR);
  stream.write('c');

  const second = follow({ at: 'positions', positions: first.positions() });
  await clock.advanceBy(MINUTE);

  expect(second.keys()).toEqual(['GAP', 'c']);
  expect(second.told[0]).toMatchObject({ millrace: { gap: { reason: 'trimmed' } } });
});

test('children are read as soon as their parent is at its end', async () => {
  const { clock, stream, follow } = aTable();
  stream.write('a');
  stream.roll(stream.openShards()[0]!.shardId);
  stream.write('b');
  const { keys } = follow({ at: 'trim-horizon' });

  await clock.advanceBy(5 * SECOND);

  expect(keys()).toEqual(['a', 'b']);
});

test('a stream that was named by its ARN ends the tail with its own end, though the table has another by then', async () => {
  const { clock, stream, follow } = aTable();
  stream.write('a');
  const { keys, ended } = follow({ at: 'trim-horizon' }, { isOneStream: true });
  await clock.advanceBy(MINUTE);
  stream.disable();
  await clock.advanceBy(5 * MINUTE);
  stream.enable();
  stream.write('b');
  await clock.advanceBy(5 * MINUTE);

  await ended;

  expect(keys()).toEqual(['a']);
});

test('a stream that is replaced is told to its end, then a gap, then its successor from the beginning', async () => {
  const { clock, stream, notices, follow } = aTable();
  const { keys } = follow({ at: 'next' });
  await clock.advanceBy(SECOND);
  stream.write('a');
  stream.disable();
  await clock.advanceBy(5 * MINUTE);
  stream.enable();
  stream.write('b');
  await clock.advanceBy(5 * MINUTE);

  expect(keys()).toEqual(['a', 'GAP', 'b']);
  expect(notices.map(({ kind }) => kind)).toContain('stream-replaced');
});

test('a tail of a table that is not there throws', async () => {
  const { stream, follow } = aTable();
  stream.dropTable();

  await expect(follow({ at: 'next' }).ended).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'there is no table orders',
  });
});

test('a tail that was stopped leaves no timer behind', async () => {
  const { clock, follow } = aTable();
  const { stop } = follow({ at: 'next' });
  await clock.advanceBy(MINUTE);
  await stop();

  expect(clock.pending()).toBe(0);
});
