import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { dynamodbState } from '../shared/aws/dynamodb-state.ts';
import { dynamodbStreamsSource } from '../shared/aws/dynamodb-streams-source.ts';
import { systemClock } from '../shared/clock.ts';
import type { Source } from '../shared/core/ports.ts';
import type { ChangeEvent } from '../shared/core/record.ts';
import type { Report } from '../shared/core/walk-event.ts';
import { inProcessSink } from '../shared/in-process-sink.ts';
import { parseWalkRequest, REQUEST_FORMAT, type WalkRequestInput } from '../shared/request.ts';
import { walk } from '../shared/walker.ts';
import { ORDERS_TABLE, STATE_TABLE } from './orders-table.ts';

/** A walk lasts as long as one in Lambda may. */
const WALK_MS = 15 * 60_000;
/** Between the end of a walk and the next: a schedule would tick once a minute. */
const TICK_MS = 1_000;
const PAGE_BYTES = 64 * 1024 * 1024;
const REGION = 'us-east-1';

/** Clients of a local engine, with credentials that no account has. */
export function localClients(endpoint: string) {
  const options = { endpoint, region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return { dynamodb: new DynamoDBClient(options), streams: new DynamoDBStreamsClient(options) };
}

/** What a local walk reads, as a request names it. */
export interface OrdersSource {
  readonly from: WalkRequestInput['source'];
  readonly source: Source;
}

/** The stream of the table `orders`. */
export const ordersStream = (clients: Omit<ReturnType<typeof localClients>, 'endpoint'>): OrdersSource => ({
  from: { kind: 'table', tableName: ORDERS_TABLE, region: REGION },
  source: dynamodbStreamsSource({ ...clients, tableName: ORDERS_TABLE }),
});

export interface LocalWalk extends OrdersSource {
  readonly dynamodb: DynamoDBClient;
  /** Whose positions they are. @default 'orders' */
  readonly subscription?: string;
  readonly handler: (event: ChangeEvent) => unknown;
  readonly report: Report;
  readonly stop: AbortSignal;
}

/** Walks the changes of the table `orders` on local engines, one walk after the other, until stopped. */
export async function walkOrders(local: LocalWalk): Promise<void> {
  const { dynamodb, from, source, subscription = 'orders', handler, report, stop } = local;
  const request = parseWalkRequest({
    format: REQUEST_FORMAT,
    pipeline: 'local',
    subscription,
    stateTable: STATE_TABLE,
    source: from,
    handler: { functionArn: `arn:aws:lambda:${REGION}:000000000000:function:orders`, timeoutMs: 10_000 },
    worker: 0,
    workers: 1,
    keepAwake: true,
  });
  const ports = {
    source,
    state: dynamodbState({ client: dynamodb, tableName: STATE_TABLE }),
    sink: inProcessSink(handler),
    clock: systemClock,
    report,
    random: Math.random,
    newId: randomUUID,
  };
  while (!stop.aborted) {
    await walk(request, ports, { deadlineMs: systemClock.nowMs() + WALK_MS, pageBytes: PAGE_BYTES, stop });
    await systemClock.sleep(TICK_MS, stop);
  }
}
