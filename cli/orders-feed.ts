import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { kinesisSource } from '../shared/aws/kinesis-source.ts';
import { systemClock } from '../shared/clock.ts';
import { itemOf } from '../shared/core/change.ts';
import { isKinesisRecord, kinesisChange } from '../shared/core/kinesis-record.ts';
import type { ChangeEvent, StreamEventRecord } from '../shared/core/record.ts';
import { feedData } from '../shared/testing/kinesis-event.ts';
import { startKinesalite } from './kinesalite.ts';
import { type LocalWalk, type OrdersSource, ordersStream, walkOrders } from './local-walk.ts';
import { ORDERS_TABLE } from './orders-table.ts';

const STREAM_NAME = 'orders-changes';
const SHARDS = 2;
/** PutRecords' most. */
const RECORDS_A_REQUEST = 500;

/** The changes of the table `orders` in a Kinesis stream. */
export interface OrdersFeed {
  readonly endpoint: string;
  readonly source: OrdersSource;
  readonly stop: () => Promise<void>;
}

/**
 * Starts kinesalite, and publishes every change of the table `orders` to a stream in it, in the form in which DynamoDB
 * publishes to Kinesis.
 */
export async function startOrdersFeed(clients: Parameters<typeof ordersStream>[0], report: LocalWalk['report']) {
  const engine = await startKinesalite();
  await createStream(engine.client);
  const stop = new AbortController();
  const { dynamodb } = clients;
  const handler = (event: ChangeEvent) => publish(engine.client, event.Records as readonly StreamEventRecord[]);
  const from = ordersStream(clients);
  const publishing = walkOrders({ dynamodb, ...from, subscription: 'feed', handler, report, stop: stop.signal });
  const region = 'us-east-1';
  const feed: OrdersFeed = {
    endpoint: engine.endpoint,
    source: {
      from: { kind: 'kinesis', streamName: STREAM_NAME, region },
      source: kinesisSource({ client: engine.client, streamName: STREAM_NAME, readers: 1, nowMs: systemClock.nowMs }),
    },
    stop: async () => {
      stop.abort();
      await publishing;
      await engine.stop();
    },
  };
  return feed;
}

async function createStream(client: KinesisClient): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName: STREAM_NAME, ShardCount: SHARDS }));
  for (;;) {
    const asked = new DescribeStreamSummaryCommand({ StreamName: STREAM_NAME });
    const { StreamDescriptionSummary: summary } = await client.send(asked);
    if (summary?.StreamStatus === 'ACTIVE') return;
    await sleep(10);
  }
}

/** Puts changes into the stream in their order; what the engine refuses fails the batch, which comes again. */
async function publish(client: KinesisClient, records: readonly StreamEventRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += RECORDS_A_REQUEST) {
    const Records = records.slice(from, from + RECORDS_A_REQUEST).map((record) => ({
      PartitionKey: itemOf(record)?.slice(0, 256) ?? '',
      Data: Buffer.from(feedData(record, ORDERS_TABLE)),
    }));
    const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName: STREAM_NAME, Records }));
    if (FailedRecordCount) throw new Error(`${FailedRecordCount} records were refused`);
  }
}

/** An event with the changes that Kinesis records carry in the place of the records. */
export const changesIn = (event: ChangeEvent): ChangeEvent => ({
  Records: event.Records.map((record) => (isKinesisRecord(record) ? kinesisChange(record) : record)),
});
