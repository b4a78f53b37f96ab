import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WalkRequestInput } from '../../shared/request.ts';
import { createStreamedTable } from '../support/dynamodb-local.ts';
import { type RollingDynamoDbLocal, startRollingDynamoDbLocal } from '../support/dynamodb-local-rollover.ts';
import { arrivals } from '../support/integration/arrivals.ts';
import { writeItems } from '../support/integration/item-writes.ts';
import { quickClock } from '../support/integration/quick-clock.ts';
import { rollingDatabase } from '../support/integration/rolling-database.ts';
import { createStateTable, eventsOf, requestInput, startWalk } from '../support/integration/walk-runner.ts';

const HOUR = 60 * 60_000;

let rolling: RollingDynamoDbLocal;
beforeAll(async () => {
  rolling = await startRollingDynamoDbLocal();
});
afterAll(() => rolling?.stop());

test('changes that are trimmed unread are a gap that the handler is told of before anything that follows', async () => {
  const { write, arrived, start, aDayPasses } = await aSubscription({ deliver: ['gap'] });
  await write(0);
  await start().until(() => arrived.length === 2);
  await write(1);
  await aDayPasses();
  await write(2);

  const events = await start().until(() => arrived.includes('item-1: 2'));
  const later = await start().until(() => true);

  expect(arrived).toEqual(['item-0: 0', 'item-1: 0', 'gap trimmed', 'item-0: 2', 'item-1: 2']);
  expect(eventsOf(events, 'gap')).toMatchObject([{ gap: { reason: 'trimmed' }, halted: false }]);
  expect(eventsOf(later, 'gap')).toEqual([]);
}, 120_000);

test('such a gap is reported once where the handler does not want to hear of it, and reading goes on behind it', async () => {
  const { write, arrived, start, aDayPasses } = await aSubscription({});
  await write(0);
  await start().until(() => arrived.length === 2);
  await write(1);
  await aDayPasses();
  await write(2);

  const events = await start().until(() => arrived.includes('item-1: 2'));

  expect(arrived).toEqual(['item-0: 0', 'item-1: 0', 'item-0: 2', 'item-1: 2']);
  expect(eventsOf(events, 'gap')).toMatchObject([{ gap: { reason: 'trimmed' }, halted: false }]);
}, 120_000);

test('such a gap halts a subscription that wants it, walk after walk, and nothing behind it is delivered', async () => {
  const { write, arrived, start, aDayPasses } = await aSubscription({ onGap: 'halt', deliver: ['gap'] });
  await write(0);
  await start().until(() => arrived.length === 2);
  await write(1);
  await aDayPasses();
  await write(2);

  const first = start();
  await first.done;
  const second = start();
  await second.done;

  expect(arrived).toEqual(['item-0: 0', 'item-1: 0']);
  expect(eventsOf(first.events, 'gap')).toMatchObject([{ gap: { reason: 'trimmed' }, halted: true }]);
  expect(eventsOf(second.events, 'gap')).toEqual([]);
  for (const { events } of [first, second]) {
    expect(eventsOf(events, 'walk-ended')).toMatchObject([
      { summary: { reason: 'idle', haltedShards: 1, records: 0 } },
    ]);
  }
}, 120_000);

test('a beginning that was trimmed before the first walk came to read it is a gap, not a quiet start', async () => {
  const { write, arrived, start, aDayPasses } = await aSubscription({ deliver: ['gap'] });
  await start().until((events) => eventsOf(events, 'shards-listed').length > 0);
  await write(0);
  await aDayPasses();
  await write(1);

  await start().until(() => arrived.includes('item-1: 1'));

  expect(arrived).toEqual(['gap trimmed', 'item-0: 1', 'item-1: 1']);
}, 120_000);

test('of generations of shards that are trimmed unread each is a gap, trimmed or gone altogether', async () => {
  const { write, arrived, start, aDayPasses } = await aSubscription({ deliver: ['gap'] });
  await write(0);
  await start().until(() => arrived.length === 2);
  await rolling.rollOver();
  await write(1);
  await rolling.rollOver();
  await write(2);
  await aDayPasses();
  await write(3);

  const events = await start().until(() => arrived.includes('item-1: 3'));

  const gaps = ['gap shard-vanished', 'gap shard-vanished', 'gap trimmed'];
  expect(arrived).toEqual(['item-0: 0', 'item-1: 0', ...gaps, 'item-0: 3', 'item-1: 3']);
  expect(new Set(eventsOf(events, 'gap').map(({ gap }) => gap.shardId)).size).toBe(3);
}, 120_000);

test('an iterator that has expired is replaced by one from the position, while a walk reads and between two walks', async () => {
  const { write, arrived, start } = await aSubscription({});
  const walk = start();
  await write(0);
  await walk.reaches(() => arrived.length === 2);
  await rolling.dilate(HOUR);
  await write(1);
  const events = await walk.until(() => arrived.length === 4);
  await rolling.dilate(HOUR);
  await write(2);

  const later = await start().until(() => arrived.length === 6);

  expect(arrived).toEqual(['item-0: 0', 'item-1: 0', 'item-0: 1', 'item-1: 1', 'item-0: 2', 'item-1: 2']);
  expect(eventsOf(events, 'iterator-expired')).toHaveLength(1);
  expect(eventsOf(later, 'iterator-expired')).toHaveLength(1);
  expect([...eventsOf(events, 'gap'), ...eventsOf(later, 'gap')]).toEqual([]);
}, 120_000);

/** A table, a subscription to it, and a clock that can pass a day together with the engine. */
async function aSubscription(changes: Partial<WalkRequestInput>) {
  const source = rollingDatabase(rolling);
  const engine = rollingDatabase(rolling);
  const { tableName } = await createStreamedTable(source.dynamodb);
  const stateTable = await createStateTable(engine);
  const clock = quickClock(10);
  const { all: arrived, handler } = arrivals();
  const patient = {
    leaseDurationMs: 15 * 60_000,
    deliveryMarginMs: 5 * 60_000,
    handler: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders', timeoutMs: 5 * 60_000 },
  };
  const request = requestInput(stateTable, tableName, { ...patient, ...changes });
  return {
    arrived,
    write: (round: number) => writeItems(source.dynamodb, tableName, { items: 2, fromRound: round, rounds: 1 }),
    aDayPasses: async () => {
      await rolling.dilate(25 * HOUR);
      clock.putForward(25 * HOUR);
    },
    start: () => startWalk({ engine, source, request, handler, clock }),
  };
}
