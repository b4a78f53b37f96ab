import { DeleteTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { WalkEvent } from '../../shared/core/walk-event.ts';
import { createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { arrivals } from '../support/integration/arrivals.ts';
import { writeItems } from '../support/integration/item-writes.ts';
import { quickClock } from '../support/integration/quick-clock.ts';
import {
  createStateTable,
  eventsOf,
  type RunningWalk,
  requestInput,
  startWalk,
} from '../support/integration/walk-runner.ts';

const MINUTE = 60_000;
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:orders';

test('a stream that is turned off is read to the end of its last shard, and then a walk finds nothing to read', async () => {
  const { write, arrived, start, stream } = await aSubscription();
  await write(0);
  await start().until(() => arrived.length === 2);
  await write(1);
  await stream('off');
  await write(2);

  const first = await ended(start());
  const second = await ended(start());

  expect(arrived).toEqual(['item-0: 0', 'item-1: 0', 'item-0: 1', 'item-1: 1']);
  expect(eventsOf(first, 'stream-drained')).toHaveLength(1);
  expect(reasons(first)).toEqual(['no-source']);
  expect(reasons(second)).toEqual(['no-source']);
  expect(eventsOf(second, 'source-missing')).toMatchObject([
    { reason: 'no-stream', message: expect.stringContaining('drained') },
  ]);
  expect([...eventsOf(first, 'gap'), ...eventsOf(second, 'gap')]).toEqual([]);
}, 120_000);

test('a stream that is turned off and on is read to its end before the new one, whose beginning is a gap', async () => {
  const { write, arrived, start, stream } = await aSubscription();
  await write(0);
  await start().until(() => arrived.length === 2);
  await write(1);
  await stream('off');
  await write(2);
  await stream('on');
  await write(3);

  const events = await start().until(() => arrived.includes('item-1: 3'));
  const later = await start().until(() => true);

  const gap = 'gap stream-replaced';
  expect(arrived).toEqual(['item-0: 0', 'item-1: 0', 'item-0: 1', 'item-1: 1', gap, 'item-0: 3', 'item-1: 3']);
  expect(eventsOf(events, 'stream-found')).toMatchObject([{ isReplacement: true }]);
  expect(eventsOf(events, 'gap')).toMatchObject([{ gap: { reason: 'stream-replaced' }, halted: false }]);
  expect([...eventsOf(later, 'gap'), ...eventsOf(later, 'stream-found')]).toEqual([]);
}, 120_000);

test('a table that is deleted and created again loses nothing that its old stream had', async () => {
  const { write, arrived, start, recreate } = await aSubscription();
  await write(0);
  await write(1);
  await start().until(() => arrived.length === 4);
  await write(2);
  await recreate();
  await write(0);

  const events = await start().until(() => arrived.length === 9);

  expect(arrived.slice(4)).toEqual(['item-0: 2', 'item-1: 2', 'gap stream-replaced', 'item-0: 0', 'item-1: 0']);
  expect(eventsOf(events, 'stream-drained')).toHaveLength(1);
}, 120_000);

test('a walk that sees its stream turned off and on goes on with the new one by itself', async () => {
  const { write, arrived, start, stream } = await aSubscription();
  await write(0);
  const walk = start();
  await walk.reaches(() => arrived.length === 2);
  await stream('off');
  await stream('on');
  await write(1);

  const events = await walk.until(() => arrived.includes('item-1: 1'));

  expect(arrived).toEqual(['item-0: 0', 'item-1: 0', 'gap stream-replaced', 'item-0: 1', 'item-1: 1']);
  expect(eventsOf(events, 'stream-found').map(({ isReplacement }) => isReplacement)).toEqual([false, true]);
}, 120_000);

/** The events of a walk that has left by itself. */
async function ended(walk: RunningWalk): Promise<readonly WalkEvent[]> {
  await walk.done;
  return walk.events;
}

const reasons = (events: readonly WalkEvent[]): readonly string[] =>
  eventsOf(events, 'walk-ended').map(({ summary }) => summary.reason);

/** A table, a subscription that wants to hear of gaps, and a clock on which a minute passes in a second and a half. */
async function aSubscription() {
  const engine = await sharedDynamoDbLocal();
  const { dynamodb } = engine;
  const { tableName } = await createStreamedTable(dynamodb);
  const stateTable = await createStateTable(engine);
  const clock = quickClock(40);
  const { all: arrived, handler } = arrivals();
  /** Long enough for a busy machine in spite of the clock's speed. */
  const times = {
    leaseDurationMs: 15 * MINUTE,
    deliveryMarginMs: 5 * MINUTE,
    handler: { functionArn: FUNCTION_ARN, timeoutMs: 5 * MINUTE },
  };
  const request = requestInput(stateTable, tableName, { ...times, deliver: ['gap'] });
  return {
    arrived,
    write: (round: number) => writeItems(dynamodb, tableName, { items: 2, fromRound: round, rounds: 1 }),
    stream: (turned: 'on' | 'off') => {
      const on = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;
      const StreamSpecification = turned === 'on' ? on : { StreamEnabled: false };
      return dynamodb.send(new UpdateTableCommand({ TableName: tableName, StreamSpecification }));
    },
    recreate: async () => {
      await dynamodb.send(new DeleteTableCommand({ TableName: tableName }));
      await createStreamedTable(dynamodb, tableName);
    },
    start: () => startWalk({ engine, request, handler, clock, walkMs: 60 * MINUTE }),
  };
}
