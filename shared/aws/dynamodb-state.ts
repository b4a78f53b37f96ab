import { isDeepStrictEqual } from 'node:util';
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { systemClock } from '../clock.ts';
import type { LeaseRow } from '../core/lease.ts';
import type { Clock, LeaseKey, State, Written } from '../core/ports.ts';
import { noticeOf } from '../core/recorded-gap.ts';
import {
  acceptanceUpdate,
  childUpdate,
  claimantUpdate,
  leaseUpdate,
  type RowUpdate,
  removalUpdate,
} from '../core/state-expression.ts';
import {
  controlItem,
  controlKey,
  controlPartition,
  controlRow,
  gapItem,
  gapPartition,
  gapRow,
  leaseItem,
  leaseKey,
  leasePartition,
  leaseRow,
  leaseValue,
  type StateItem,
} from '../core/state-row.ts';
import { refusedWrite } from './errors.ts';

export interface DynamodbStateOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Waits between the repeats of a write that met a transaction. @default the machine's clock */
  readonly clock?: Pick<Clock, 'sleep'>;
  /** Gives numbers from 0 up to 1, to spread the repeats. @default Math.random */
  readonly random?: () => number;
}

/** A transaction holds 100 writes; one is the parent's. */
const MOST_CHILDREN = 99;
/** With at most 25, 50, 100 ... 1000 ms between them: about two seconds on average before giving up. */
const MOST_CONFLICTS = 8;
const WRITES_IN_FLIGHT = 10;

/** Keeps subscriptions' state in a DynamoDB table that has the keys of `stateTableDefinition`. */
export function dynamodbState(options: DynamodbStateOptions): State {
  const { client, tableName: TableName } = options;
  const ReturnValuesOnConditionCheckFailure = 'ALL_OLD';

  const get = async (Key: StateItem): Promise<StateItem | undefined> =>
    (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const query = async <T>(partition: string, row: (item: StateItem) => T): Promise<readonly T[]> => {
    const rows: T[] = [];
    const input = {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: partition } },
    };
    for await (const page of paginateQuery({ client }, input))
      for (const item of page.Items ?? []) rows.push(row(item));
    return rows;
  };
  const put = (
    Item: StateItem,
    ConditionExpression: string,
    ExpressionAttributeValues?: StateItem,
  ): Promise<Outcome> => {
    const condition = { ConditionExpression, ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure } as const;
    return conditional(options, () => client.send(new PutItemCommand({ TableName, Item, ...condition })));
  };
  const create = (Item: StateItem): Promise<Outcome> => put(Item, 'attribute_not_exists(pk)');
  const update = (row: RowUpdate): Promise<Outcome> =>
    conditional(options, () =>
      client.send(new UpdateItemCommand({ TableName, ...row, ReturnValuesOnConditionCheckFailure })),
    );
  /** One transaction, in which only the first row has a condition. */
  const updateWith = (first: RowUpdate, others: readonly RowUpdate[]): Promise<Outcome> => {
    const TransactItems = [
      { Update: { TableName, ...first, ReturnValuesOnConditionCheckFailure } as const },
      ...others.map((row) => ({ Update: { TableName, ...row } })),
    ];
    return conditional(options, () => client.send(new TransactWriteItemsCommand({ TransactItems })));
  };
  const createLeases = (key: LeaseKey, leases: readonly LeaseRow[]): Promise<void> =>
    forEach(leases, (lease) => create(leaseItem(key, lease)));

  return {
    control: (subscription) => query(controlPartition(subscription), controlRow),
    pointer: async (subscription) => {
      const item = await get(controlKey(subscription, 'pointer'));
      const row = item && controlRow(item);
      return row?.kind === 'pointer' ? row : null;
    },
    putControl: async (subscription, next, revision) => {
      const item = controlItem(subscription, next);
      const outcome = await (revision === null
        ? create(item)
        : put(item, 'revision = :revision', { ':revision': { N: String(revision) } }));
      return outcome.ok || isDeepStrictEqual(outcome.item, item);
    },
    leases: (key) => query(leasePartition(key), leaseRow),
    lease: async (key, shardId) => {
      const item = await get(leaseKey(key, shardId));
      return item ? leaseRow(item) : null;
    },
    createLeases,
    updateLease: async (key, previous, next) => written(await update(leaseUpdate(key, previous, next)), next),
    finishLease: async (key, previous, next, children) => {
      const rows = [...new Map(children.map((child) => [child.shardId, child])).values()];
      // Rows that come early do no harm: nobody reads a shard before its parent's end is stored.
      await createLeases(key, rows.slice(MOST_CHILDREN));
      const more = rows.slice(0, MOST_CHILDREN).map((child) => childUpdate(key, child));
      return written(await updateWith(leaseUpdate(key, previous, next), more), next);
    },
    requestLease: async (key, lease, claimant) => (await update(claimantUpdate(key, lease, claimant))).ok,
    expireLeases: (key, shardIds, removeAtMs) =>
      forEach(shardIds, (shardId) => update(removalUpdate(key, shardId, removeAtMs))),
    putGap: async (subscription, gap) => {
      await create(gapItem(subscription, gap));
    },
    gaps: (subscription) => query(gapPartition(subscription), gapRow),
    acceptGap: async (key, previous, next, acceptance) => {
      const note = acceptanceUpdate(key.subscription, noticeOf(previous.gap), acceptance);
      return written(await updateWith(leaseUpdate(key, previous, next), [note]), next);
    },
  };
}

type Outcome = { readonly ok: true } | { readonly ok: false; readonly item: StateItem | null };

/**
 * A write that is found done was done by us: the SDK repeats a call whose answer was lost, and then the condition fails
 * on what the call itself wrote.
 */
function written(outcome: Outcome, next: LeaseRow): Written {
  if (outcome.ok || isDeepStrictEqual(outcome.item?.lease, leaseValue(next))) return { ok: true };
  return { ok: false, current: outcome.item && leaseRow(outcome.item) };
}

/** Makes a conditional write, and repeats it while other writes of the same rows are in its way. */
async function conditional(options: DynamodbStateOptions, send: () => Promise<unknown>): Promise<Outcome> {
  const { clock = systemClock, random = Math.random } = options;
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      await send();
      return { ok: true };
    } catch (error) {
      const refused = refusedWrite(error);
      if (refused?.by === 'condition') return { ok: false, item: refused.item };
      if (refused === null || conflicts === MOST_CONFLICTS) throw error;
      await clock.sleep(random() * Math.min(1000, 25 * 2 ** conflicts));
    }
  }
}

/** Does not return before all that was begun has ended; then throws what failed first. */
async function forEach<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await act(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(WRITES_IN_FLIGHT, items.length) }, lane));
  const failed = lanes.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
