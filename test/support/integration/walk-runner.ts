import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, type DynamoDBClient, QueryCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { dynamodbState } from '../../../shared/aws/dynamodb-state.ts';
import { dynamodbStreamsSource } from '../../../shared/aws/dynamodb-streams-source.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Clock, LeaseKey, State } from '../../../shared/core/ports.ts';
import type { ChangeEvent, GapNotice } from '../../../shared/core/record.ts';
import { gapPartition, gapRow, stateTableDefinition } from '../../../shared/core/state-row.ts';
import { streamCreatedAtMs } from '../../../shared/core/stream-time.ts';
import type { WalkEvent, WalkSummary } from '../../../shared/core/walk-event.ts';
import { inProcessSink } from '../../../shared/in-process-sink.ts';
import { parseWalkRequest, REQUEST_FORMAT, type WalkRequest, type WalkRequestInput } from '../../../shared/request.ts';
import { type WalkPorts, walk } from '../../../shared/walker.ts';
import { type Clients, type StreamedTable, uniqueName } from '../dynamodb-local.ts';

/** A walk's request in tests: what is left out is as in a schedule of one worker. */
export const requestInput = (
  stateTable: string,
  tableName: string,
  changes: Partial<WalkRequestInput> = {},
): WalkRequestInput => ({
  format: REQUEST_FORMAT,
  pipeline: 'test',
  subscription: 'orders',
  stateTable,
  source: { kind: 'table', tableName, region: 'us-east-1' },
  handler: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders', timeoutMs: 10_000 },
  worker: 0,
  workers: 1,
  ...changes,
});

/** A new state table on an engine, and its name. */
export async function createStateTable({ dynamodb }: Clients): Promise<string> {
  const tableName = uniqueName('state');
  await dynamodb.send(new CreateTableCommand(stateTableDefinition(tableName)));
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName: tableName });
  return tableName;
}

/** The rows of a subscription's first generation on a table's stream. */
export const firstGeneration = ({ streamArn }: StreamedTable, subscription = 'orders'): LeaseKey => ({
  subscription,
  generation: 1,
  stream: { arn: streamArn, createdAtMs: streamCreatedAtMs(streamArn) },
});

/** The gaps that are written down for a subscription. */
export async function storedGaps(
  dynamodb: DynamoDBClient,
  stateTable: string,
  subscription = 'orders',
): Promise<readonly GapNotice[]> {
  const { Items: items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: stateTable,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: gapPartition(subscription) } },
    }),
  );
  return items.map(gapRow);
}

export interface WalkToRun {
  readonly engine: Clients;
  /** Where the table and its stream are. @default the engine */
  readonly source?: Clients;
  readonly request: WalkRequestInput;
  readonly handler: (event: ChangeEvent) => unknown;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** How long it may last. @default 15 minutes, as in Lambda */
  readonly walkMs?: number;
  /** What else the walk touches. */
  readonly ports?: Partial<WalkPorts>;
}

/** A walk under way in this process. */
export interface RunningWalk {
  readonly events: readonly WalkEvent[];
  readonly state: State;
  /** Resolves when the walk has ended by itself. */
  readonly done: Promise<WalkSummary>;
  /** Asks it to end, and waits until it has. */
  readonly stop: () => Promise<WalkSummary>;
  /** Waits until something has happened. */
  readonly reaches: (hasHappened: (events: readonly WalkEvent[]) => boolean) => Promise<void>;
  /** Waits until something has happened, and stops the walk then; gives its events. */
  readonly until: (hasHappened: (events: readonly WalkEvent[]) => boolean) => Promise<readonly WalkEvent[]>;
}

const WALK_MS = 15 * 60_000;
const PAGE_BYTES = 64 * 1_048_576;

/** Starts a walk on the real adapters, with a handler of this process. */
export function startWalk({
  engine,
  source = engine,
  request,
  handler,
  clock = systemClock,
  walkMs = WALK_MS,
  ports: more = {},
}: WalkToRun): RunningWalk {
  const parsed = parseWalkRequest(request);
  const stop = new AbortController();
  const events: WalkEvent[] = [];
  let steps = 0;
  const state = dynamodbState({ client: engine.dynamodb, tableName: parsed.stateTable });
  const ports = {
    source: dynamodbStreamsSource({ ...source, tableName: tableNameOf(parsed) }),
    state,
    sink: inProcessSink(handler),
    clock,
    report: (event: WalkEvent) => {
      events.push(event);
      if (isStep(event)) steps += 1;
    },
    random: Math.random,
    newId: randomUUID,
    ...more,
  };
  const limits = { deadlineMs: clock.nowMs() + walkMs, pageBytes: PAGE_BYTES, stop: stop.signal };
  const done = walk(parsed, ports, limits);
  const reaches: RunningWalk['reaches'] = (hasHappened) =>
    until(
      () => hasHappened(events),
      () => `the walk had come to ${lastOf(events)}`,
      60_000,
      () => steps,
    );
  const stopped = (): Promise<WalkSummary> => {
    stop.abort();
    return done;
  };
  return {
    ...{ events, state, done, reaches, stop: stopped },
    until: async (hasHappened) => {
      await reaches(hasHappened);
      await stopped();
      return events;
    },
  };
}

/** The table of a request; of one for a Kinesis stream, whose source a test brings itself, nothing is read. */
const tableNameOf = ({ source }: WalkRequest): string => (source.kind === 'table' ? source.tableName : '');

/** The events of one kind, in order. */
export const eventsOf = <K extends WalkEvent['kind']>(
  events: readonly WalkEvent[],
  kind: K,
): readonly Extract<WalkEvent, { readonly kind: K }>[] =>
  events.filter((event): event is Extract<WalkEvent, { readonly kind: K }> => event.kind === kind);

/** Whether an event is of what does not happen all the time. */
const isStep = ({ kind }: WalkEvent): boolean => kind !== 'page-read' && kind !== 'shards-seen';

/** The steps that a walk last reported. */
const lastOf = (events: readonly WalkEvent[]): string => JSON.stringify(events.filter(isStep).slice(-5));

/**
 * Waits until something is true; after `withinMs` without any `progress`, it throws what `otherwise` says. A busy machine
 * may take many times as long as a quiet one, as long as it gets on.
 */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  otherwise: () => string,
  withinMs = 60_000,
  progress: () => number = () => 0,
): Promise<void> {
  let last = { progress: progress(), atMs: performance.now() };
  while (!(await isTrue())) {
    if (progress() !== last.progress) last = { progress: progress(), atMs: performance.now() };
    if (performance.now() - last.atMs > withinMs) throw new Error(`after ${withinMs} ms ${otherwise()}`);
    await sleep(10);
  }
}
