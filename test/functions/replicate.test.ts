import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeItem } from '../../shared/core/decode.ts';
import type { ChangeEvent, EventRecord, RawItem } from '../../shared/core/record.ts';
import type { ChangeHandler } from '../../shared/handler.ts';
import {
  type ChangeDraft,
  eventOf,
  gapOf,
  insertOf,
  modifyOf,
  removeOf,
  runHandler,
  snapshotCompleteOf,
  snapshotOf,
  snapshotStartedOf,
} from '../../shared/testing/index.ts';
import { createStreamedTable, sharedDynamoDbLocal, uniqueName } from '../support/dynamodb-local.ts';

let handler: ChangeHandler;
let local: Awaited<ReturnType<typeof sharedDynamoDbLocal>>;

beforeAll(async () => {
  local = await sharedDynamoDbLocal();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', local.endpoint);
  vi.stubEnv('TARGET_REGION', 'us-east-1');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  ({ handler } = await import('../../functions/replicate.ts'));
});

async function newTarget(): Promise<() => Promise<readonly RawItem[]>> {
  const { tableName } = await createStreamedTable(local.dynamodb, uniqueName('replica'));
  vi.stubEnv('TARGET_TABLE', tableName);
  return async () => {
    const { Items = [] } = await local.dynamodb.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
    return Items.filter((item) => item.millraceDeleted === undefined).map(
      ({ millraceVersion: _version, ...item }) => item as unknown as RawItem,
    );
  };
}

test('an item arrives exactly as it was, whatever is in it', async () => {
  const content = await newTarget();
  const item = {
    id: 'a',
    big: 12345678901234567890123456789012345678n,
    bytes: new Uint8Array([1, 2, 3]),
    sets: { of: new Set(['a']), bytes: new Set([new Uint8Array([4])]) },
    constructor: 'an attribute',
  };

  const { settled } = await runHandler(handler, eventOf([insertOf(item)]));

  expect(settled).toHaveLength(1);
  const [copy] = await content();
  expect(copy).toMatchObject({
    big: { N: '12345678901234567890123456789012345678' },
    bytes: { B: new Uint8Array([1, 2, 3]) },
    sets: { M: { of: { SS: ['a'] }, bytes: { BS: [new Uint8Array([4])] } } },
    constructor: { S: 'an attribute' },
  });
});

test('an attribute that an item has lost is gone in its copy', async () => {
  const content = await newTarget();

  await runHandler(handler, eventOf([insertOf({ id: 'a', kept: 1, lost: 2 })]));
  await runHandler(handler, eventOf([modifyOf({ id: 'a', kept: 1, lost: 2 }, { id: 'a', kept: 1 })], { run: 1 }));

  expect((await content()).map((item) => decodeItem(item))).toEqual([{ id: 'a', kept: 1 }]);
});

test.each([
  ['change', insertOf({ id: 'a' })],
  ['end of a run', snapshotCompleteOf(1)],
])('a %s that the second table does not take comes again', async (_what, draft) => {
  vi.stubEnv('TARGET_TABLE', 'there-is-no-such-table');

  const { settled, retried } = await runHandler(handler, eventOf([draft]));

  expect([settled.length, retried.length]).toEqual([0, 1]);
});

test('changes that come late, twice or out of order leave the newest content, and a delete stays one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.nat(1000)),
      async (writes, random) => {
        const content = await newTarget();
        const { records, table } = history(writes);

        const doubled = [...records, ...records.filter(() => (random.next().value ?? 0) % 2 === 0)];
        const shuffled = doubled
          .map((record) => ({ record, at: random.next().value ?? 0 }))
          .toSorted((one, other) => one.at - other.at)
          .map(({ record }) => record);
        for (const batch of [shuffled.slice(0, 5), shuffled.slice(5)]) {
          const { retried } = await runHandler(handler, { Records: batch } satisfies ChangeEvent);
          expect(retried).toEqual([]);
        }

        const copied = (await content()).map((item) => decodeItem(item)).toSorted(byId);
        expect(copied).toEqual(table.toSorted(byId));
      },
    ),
    { numRuns: 15 },
  );
}, 60_000);

test('a snapshot that is older than a change of its item is dropped, also after a delete', async () => {
  const content = await newTarget();
  const [change, removal] = eventOf([insertOf({ id: 'a', n: 2 }), removeOf({ id: 'b' })], { run: 1 }).Records;
  const snapshots = eventOf([snapshotOf({ id: 'a', n: 1 }), snapshotOf({ id: 'b' }), snapshotOf({ id: 'c' })]).Records;

  await runHandler(handler, { Records: [change!, removal!, ...snapshots] });

  expect((await content()).map((item) => decodeItem(item)).toSorted(byId)).toEqual([{ id: 'a', n: 2 }, { id: 'c' }]);
});

test('a deleted item is remembered until its time to live', async () => {
  await newTarget();

  await runHandler(handler, eventOf([removeOf({ id: 'a' })], { from: new Date('2026-01-01T00:00:00Z') }));

  const { Items } = await local.dynamodb.send(new ScanCommand({ TableName: process.env.TARGET_TABLE }));
  expect(Items).toMatchObject([
    { id: { S: 'a' }, millraceDeleted: { BOOL: true }, millraceExpiresAt: { N: String(Date.UTC(2026, 1, 5) / 1000) } },
  ]);
});

describe('at the end of a run', () => {
  test('what it did not touch is removed, also what has no version, and what it touched or came later stays', async () => {
    const content = await newTarget();
    await local.dynamodb.send(
      new PutItemCommand({ TableName: process.env.TARGET_TABLE, Item: { id: { S: 'from a backup' } } }),
    );
    await runHandler(handler, eventOf([insertOf({ id: 'gone' }), insertOf({ id: 'kept' })]));
    await runHandler(handler, eventOf([insertOf({ id: 'later' })], { run: 1 }));
    await runHandler(handler, eventOf([snapshotStartedOf(1), snapshotOf({ id: 'kept' }, 1)]));

    const { settled } = await runHandler(handler, eventOf([snapshotCompleteOf(1)]));
    await runHandler(handler, eventOf([snapshotCompleteOf(1)]));

    expect(settled).toHaveLength(1);
    expect((await content()).map(({ id }) => id)).toEqual(expect.arrayContaining([{ S: 'kept' }, { S: 'later' }]));
    expect(await content()).toHaveLength(2);
  });

  test('what was removed comes back with no older change, and with a newer one', async () => {
    const content = await newTarget();
    const before = eventOf([insertOf({ id: 'a' }), insertOf({ id: 'b' })]);
    await runHandler(handler, before);
    await runHandler(handler, eventOf([snapshotCompleteOf(1)]));

    await runHandler(handler, before);
    await runHandler(handler, eventOf([insertOf({ id: 'b', n: 2 })], { run: 1 }));

    expect((await content()).map((item) => decodeItem(item))).toEqual([{ id: 'b', n: 2 }]);
  });

  test('what was parked, or given up, meanwhile comes back when it is redriven, and no delete is undone by it', async () => {
    const content = await newTarget();
    const [kept, gone] = eventOf([snapshotOf({ id: 'kept' }, 1), snapshotOf({ id: 'gone' }, 1)]).Records;
    await runHandler(handler, eventOf([insertOf({ id: 'kept' }), insertOf({ id: 'gone' })]));
    await runHandler(handler, eventOf([snapshotCompleteOf(1)]));
    await runHandler(handler, eventOf([removeOf({ id: 'gone' })], { run: 1 }));

    const { settled } = await runHandler(handler, { Records: [kept!, gone!] });

    expect(settled).toHaveLength(2);
    expect((await content()).map((item) => decodeItem(item))).toEqual([{ id: 'kept' }]);
  });

  test('an earlier run that comes again removes nothing', async () => {
    const content = await newTarget();
    await runHandler(handler, eventOf([snapshotOf({ id: 'a' }, 2), snapshotCompleteOf(2)]));

    await runHandler(handler, eventOf([snapshotCompleteOf(1)]));

    expect(await content()).toHaveLength(1);
  });
});

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

test('a gap is accepted, and told in the log', async () => {
  await newTarget();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);

  const { retried } = await runHandler(handler, eventOf([gapOf({ id: 'gap-7' })]));

  expect(retried).toEqual([]);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('gap-7'));
});

/** Writes to a table: each puts its number into an item, or deletes it. What the stream says, and what is left. */
function history(writes: readonly (readonly [string, boolean])[]) {
  const items = new Map<string, { id: string; n: number }>();
  const drafts: ChangeDraft[] = [];
  for (const [n, [id, isDelete]] of writes.entries()) {
    const before = items.get(id);
    if (!isDelete) {
      const item = { id, n };
      drafts.push(before ? modifyOf(before, item) : insertOf(item));
      items.set(id, item);
    } else if (before) {
      drafts.push(removeOf(before));
      items.delete(id);
    }
  }
  const records: readonly EventRecord[] = eventOf(drafts).Records;
  return { records, table: [...items.values()] };
}

const byId = (one: { readonly id?: unknown }, other: { readonly id?: unknown }): number =>
  String(one.id).localeCompare(String(other.id));
