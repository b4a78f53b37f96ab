import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../shared/clock.ts';
import { MillraceError } from '../shared/core/errors.ts';
import type { BatchResponse, ChangeEvent } from '../shared/core/record.ts';
import { changeCounter } from './change-tally.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import type { LocalRunOptions } from './local-run-options.ts';
import { localClients, ordersStream, walkOrders } from './local-walk.ts';
import { orderWrites } from './order-writes.ts';
import { changesIn, type OrdersFeed, startOrdersFeed } from './orders-feed.ts';
import { createTables, ORDERS_TABLE, STATE_TABLE, writeOrder } from './orders-table.ts';
import { painted } from './painted.ts';
import { putItemLine } from './put-item-line.ts';
import { shardsPicture } from './shards-picture.ts';
import { summary } from './summary.ts';
import { walkCounter } from './walk-tally.ts';

const ORDERS = 20;
/** Slow enough to be watched as it happens. */
const WRITE_EVERY_MS = 40;
/** For the walker to begin, and for the last change to arrive: far longer than either takes on a slow machine. */
const PATIENCE_MS = 20_000;
/** Ten empty pages, a quarter of a second apart, and some more: then the walker knows that nothing is left unread. */
const CATCHING_UP_MS = 3_500;
/** 24 days: nobody watches longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** The example handler. Like Lambda, the local run knows an entry point by its path only. */
const HANDLER = new URL('../functions/orders.ts', import.meta.url);

type Handler = (event: ChangeEvent) => Promise<BatchResponse>;

/**
 * The main job of Millrace on DynamoDB Local: writes to the table `orders`, walks its stream, or a Kinesis stream that it
 * publishes to, hands every change to the example handler, which prints it, and sums up. Leaves nothing running.
 * @throws MillraceError `engine` when DynamoDB Local cannot be started, or changes do not arrive.
 */
export async function localSession(options: LocalRunOptions, stop: AbortSignal): Promise<void> {
  const engine = await startDynamoDbLocal();
  const clients = localClients(engine.endpoint);
  const { dynamodb } = clients;
  let feed: OrdersFeed | undefined;
  try {
    console.log(`DynamoDB Local listens on ${engine.endpoint}`);
    await createTables(dynamodb);
    const handle = await exampleHandler();
    const changes = changeCounter();
    const walks = walkCounter(console.error);
    const handler: Handler = async (event) => {
      const response = await handle(event);
      changes.add(changesIn(event), response, systemClock.nowMs());
      return response;
    };
    if (options.kinesis) {
      feed = await startOrdersFeed(clients, walkCounter(console.error).report);
      console.log(`kinesalite listens on ${feed.endpoint}, with the changes of the table ${ORDERS_TABLE}`);
    }
    const enough = new AbortController();
    const source = feed?.source ?? ordersStream(clients);
    const walking = walkOrders({ dynamodb, ...source, handler, report: walks.report, stop: enough.signal });
    try {
      await until(() => walks.tally().shards > 0, 'the walker did not begin to read', stop);
      const written = await writeOrders(dynamodb, stop);
      await until(() => changes.tally().total >= written, 'not every change arrived', stop);
      if (options.watch) await watch(engine.endpoint, stop);
      await systemClock.sleep(CATCHING_UP_MS, stop);
    } finally {
      enough.abort();
      await walking;
    }
    console.log(`\n${summary(changes.tally(), walks.tally())}`);
    console.log(`\n${await shardsPicture(dynamodb, ORDERS_TABLE, systemClock.nowMs(), process.stdout)}`);
  } finally {
    await feed?.stop();
    dynamodb.destroy();
    clients.streams.destroy();
    await engine.stop();
  }
}

async function watch(endpoint: string, stop: AbortSignal): Promise<void> {
  const status = `npx millrace status --shards --endpoint ${endpoint} --state-table ${STATE_TABLE}`;
  console.log(
    `\nwatching ${ORDERS_TABLE} until Ctrl-C; to write to it, for example:\n\n${putItemLine(endpoint)}\n\nand to see how far the walker is:\n\n${status}\n`,
  );
  await systemClock.sleep(LONGEST_TIMER_MS, stop);
}

/** The handler of `functions/orders.ts`. It prints with `console.log`, as in Lambda; here its lines are painted. */
async function exampleHandler(): Promise<Handler> {
  const { handler } = (await import(HANDLER.href)) as { readonly handler: Handler };
  const print = console.log;
  console.log = (...line: readonly unknown[]) => print(painted(line.join(' '), process.stdout));
  return handler;
}

async function writeOrders(dynamodb: DynamoDBClient, stop: AbortSignal): Promise<number> {
  const writes = orderWrites(ORDERS);
  console.log(`writing ${writes.length} changes of ${ORDERS} orders to the table ${ORDERS_TABLE}\n`);
  let written = 0;
  for (const write of writes) {
    if (stop.aborted) break;
    await writeOrder(dynamodb, write, systemClock.nowMs());
    written += 1;
    await systemClock.sleep(WRITE_EVERY_MS, stop);
  }
  return written;
}

/** @throws MillraceError `engine`, saying what went wrong, when it takes too long. */
async function until(isTrue: () => boolean, otherwise: string, stop: AbortSignal): Promise<void> {
  const deadlineMs = systemClock.nowMs() + PATIENCE_MS;
  while (!isTrue() && !stop.aborted) {
    if (systemClock.nowMs() > deadlineMs) {
      throw new MillraceError('engine', `${otherwise} within ${PATIENCE_MS / 1000} s`);
    }
    await systemClock.sleep(20, stop);
  }
}
