import { describe, expect, test } from 'vitest';
import { covers, type FoundTable } from '../../../shared/core/found-table.ts';
import { dealTables } from '../../../shared/core/table-deal.ts';
import {
  awaitsFormer,
  breakTable,
  drainTable,
  hasReadAll,
  isWalked,
  meetTable,
  missTable,
  type TableLook,
  type TableRow,
  tableSubscription,
  unmatchTable,
} from '../../../shared/core/table-registry.ts';
import { HOUR, MINUTE } from '../../support/durations.ts';

const STREAM = { arn: 'arn:aws:dynamodb:eu-west-1:1:table/prod-orders/stream/x', createdAtMs: 5 };

const aTable = (changes: Partial<FoundTable> = {}): FoundTable => ({
  tableName: 'prod-orders',
  tableId: 'life-1',
  arn: 'arn:aws:dynamodb:eu-west-1:1:table/prod-orders',
  status: 'ACTIVE',
  stream: { ...STREAM, viewType: 'NEW_AND_OLD_IMAGES' },
  ...changes,
});

const aRow = (changes: Partial<TableRow> = {}): TableRow => ({
  revision: 4,
  region: 'eu-west-1',
  tableName: 'prod-orders',
  tableId: 'life-1',
  state: 'active',
  reason: 'it matches prod-*',
  foundAtMs: 1,
  sinceMs: 2,
  stream: STREAM,
  ...changes,
});

const meet = (changes: Partial<TableLook> = {}) =>
  meetTable({
    known: null,
    region: 'eu-west-1',
    table: aTable(),
    verdict: { matches: true, why: 'matches prod-*' },
    wanted: { streams: 'expect' },
    isReadable: true,
    nowMs: MINUTE,
    ...changes,
  });

describe('a table that was just described', () => {
  test('is read when it matches and has a stream', () => {
    expect(meet()).toEqual({
      row: aRow({ revision: 0, foundAtMs: MINUTE, sinceMs: MINUTE }),
      isEnableDue: false,
    });
  });

  test('is not remembered when it never matched, or is on its way out', () => {
    expect(meet({ verdict: { matches: false, why: 'has no tag cdc' } }).row).toBeNull();
    expect(meet({ table: aTable({ status: 'DELETING' }) }).row).toBeNull();
  });

  test('that matches no more is left alone, its stream remembered', () => {
    const { row } = meet({ known: aRow(), verdict: { matches: false, why: 'has no tag cdc' } });

    expect(row).toEqual(aRow({ state: 'unmatched', reason: 'it has no tag cdc', sinceMs: MINUTE }));
    expect(isWalked(row!)).toBe(false);
  });

  test('keeps the moment since when it is as it is', () => {
    expect(meet({ known: aRow() }).row).toEqual(aRow());
  });

  test('that is being created is waited for', () => {
    const { row } = meet({ table: aTable({ status: 'CREATING' }) });

    expect(row).toMatchObject({ state: 'waiting', reason: 'it is being created', stream: null });
    expect(isWalked(row!)).toBe(false);
  });

  test('without a stream is broken where streams are not turned on', () => {
    const { row, isEnableDue } = meet({ table: aTable({ stream: null }) });

    expect(row).toMatchObject({ state: 'broken', stream: null });
    expect(row?.reason).toBe('it has no stream, and the subscription does not turn streams on');
    expect(isEnableDue).toBe(false);
  });

  test('has its stream turned on where that is asked for, once nothing else changes the table', () => {
    const enabling = { wanted: { streams: 'enable' }, table: aTable({ stream: null }) } as const;

    expect(meet(enabling)).toMatchObject({ row: { state: 'waiting' }, isEnableDue: true });
    expect(meet({ ...enabling, table: aTable({ stream: null, status: 'UPDATING' }) })).toMatchObject({
      row: { state: 'waiting', reason: 'its stream is being turned on' },
      isEnableDue: false,
    });
  });

  test('is read only once its stream says that it can be', () => {
    const waiting = aRow({ state: 'waiting', stream: null });

    expect(meet({ known: waiting, isReadable: false }).row).toMatchObject({ state: 'waiting', stream: null });
    expect(meet({ known: waiting }).row).toMatchObject({ state: 'active', stream: STREAM });
  });

  test('whose stream has not the images that are asked for is broken, and says what to do', () => {
    const table = aTable({ stream: { ...STREAM, viewType: 'KEYS_ONLY' } });

    const { row } = meet({ table, wanted: { streams: 'enable', viewType: 'NEW_IMAGE' } });

    expect(row).toMatchObject({ state: 'broken', stream: null });
    expect(row?.reason).toContain('has the view type KEYS_ONLY, and NEW_IMAGE is asked for');
  });

  test.each(['ARCHIVED', 'INACCESSIBLE_ENCRYPTION_CREDENTIALS'])('is broken while it is %s', (status) => {
    expect(meet({ table: aTable({ status }) }).row).toMatchObject({
      state: 'broken',
      reason: `its status is ${status}`,
    });
  });

  test('whose stream broke is read on as far as the good one goes, and comes back by itself', () => {
    const { row: broken } = meet({ known: aRow(), table: aTable({ stream: null }) });
    expect(broken).toMatchObject({ state: 'broken', stream: STREAM });
    expect(isWalked(broken!)).toBe(true);

    const drained = drainTable(broken!, MINUTE);
    expect(isWalked(drained)).toBe(false);
    expect(meet({ known: drained }).row).toMatchObject({ state: 'active', stream: STREAM });
  });
});

describe('a table that is not there any more', () => {
  test('is read until its stream is drained, and then never again', () => {
    const vanished = missTable(aRow(), 'it was deleted', MINUTE);
    expect(vanished).toMatchObject({ state: 'vanished', reason: 'it was deleted', sinceMs: MINUTE });
    expect(isWalked(vanished)).toBe(true);

    const drained = drainTable(vanished, 2 * MINUTE);
    expect(drained).toMatchObject({ state: 'drained', sinceMs: 2 * MINUTE });
    expect(isWalked(drained)).toBe(false);
  });

  test('is not read any more when it matched no more before', () => {
    const gone = missTable(aRow({ state: 'unmatched', reason: 'it has no tag cdc' }), 'it was deleted', MINUTE);

    expect(gone).toMatchObject({ state: 'drained', stream: null });
    expect(isWalked(gone)).toBe(false);
  });

  test('is over at once when it never had a stream to read', () => {
    expect(missTable(aRow({ stream: null }), 'it was deleted', MINUTE)).toMatchObject({ state: 'drained' });
  });
});

test('a table that cannot be used keeps its good stream', () => {
  expect(breakTable(aRow(), 'AccessDenied', MINUTE)).toEqual(
    aRow({ state: 'broken', reason: 'AccessDenied', sinceMs: MINUTE }),
  );
  expect(unmatchTable(aRow(), 'gone from the pattern', MINUTE).state).toBe('unmatched');
});

describe('everything of a table is read', () => {
  const pointer = {
    kind: 'pointer',
    revision: 0,
    generation: 2,
    start: { at: 'trim-horizon' },
    startedAtMs: 0,
    isPaused: false,
    isPreviousFree: true,
  } as const;
  const stream = (changes: object = {}) =>
    ({
      kind: 'stream',
      revision: 0,
      generation: 2,
      stream: STREAM,
      isReplacement: false,
      isFirstListingComplete: true,
      listedAtMs: 1,
      isDrained: true,
      ...changes,
    }) as const;

  test('when every stream of its generation is drained', () => {
    expect(hasReadAll([pointer, stream(), stream({ generation: 1, isDrained: false })], aRow())).toBe(true);
    expect(hasReadAll([pointer, stream(), stream({ isDrained: false })], aRow())).toBe(false);
  });

  test('but not when its last stream was never met', () => {
    expect(hasReadAll([], aRow())).toBe(false);
    expect(hasReadAll([pointer, stream({ stream: { arn: 'other', createdAtMs: 0 } })], aRow())).toBe(false);
    expect(hasReadAll([], aRow({ stream: null }))).toBe(true);
  });
});

test('a table that is made anew is another subscription', () => {
  expect(tableSubscription('tenants', aRow())).toBe('tenants/eu-west-1/prod-orders/life-1');
  expect(tableSubscription('tenants', aRow({ tableId: 'life-2' }))).not.toBe(tableSubscription('tenants', aRow()));
});

test.each([
  ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', true],
  ['NEW_AND_OLD_IMAGES', 'OLD_IMAGE', true],
  ['NEW_IMAGE', 'NEW_AND_OLD_IMAGES', false],
  ['NEW_IMAGE', 'OLD_IMAGE', false],
  ['OLD_IMAGE', 'KEYS_ONLY', true],
  ['KEYS_ONLY', 'NEW_IMAGE', false],
] as const)('a stream of %s holds what %s asks for: %s', (has, wanted, isCovered) => {
  expect(covers(has, wanted)).toBe(isCovered);
});

describe('a life of a table', () => {
  const former = aRow({ state: 'vanished' });
  const next = aRow({ tableId: 'life-2', foundAtMs: 2 });

  test('waits until the one before is read to its end, also when it is over itself by then', () => {
    expect(awaitsFormer(next, [next, former], MINUTE)).toBe(true);
    expect(awaitsFormer({ ...next, state: 'vanished' }, [former], MINUTE)).toBe(true);
    expect(awaitsFormer(next, [next, drainTable(former, 3)], MINUTE)).toBe(false);
  });

  test('waits for no other table, and for none that was found after it', () => {
    const others = [aRow({ ...former, tableName: 'prod-orders-2' }), aRow({ ...former, region: 'us-east-1' })];

    expect(awaitsFormer(next, [next, ...others], MINUTE)).toBe(false);
    expect(awaitsFormer(former, [former, { ...next, state: 'vanished' }], MINUTE)).toBe(false);
  });

  test('waits for half a day at most: its own stream forgets after a whole one', () => {
    expect(awaitsFormer(next, [former], next.foundAtMs + 12 * HOUR - 1)).toBe(true);
    expect(awaitsFormer(next, [former], next.foundAtMs + 12 * HOUR)).toBe(false);
  });
});

describe('tables dealt to workers', () => {
  const rows = Array.from({ length: 600 }, (_, n) => aRow({ tableName: `prod-${n}`, tableId: `life-${n}` }));
  const dealt = (workers: readonly number[]) => workers.map((worker) => dealTables(rows, worker, workers));

  test('are each read by exactly one, in shares that are about the same', () => {
    const hands = dealt([0, 1, 2]);

    expect(
      hands
        .flat()
        .map(({ tableName }) => tableName)
        .sort(),
    ).toEqual(rows.map((row) => row.tableName).sort());
    for (const hand of hands) expect(hand.length).toBeGreaterThan(150);
  });

  test('move only to or from the worker that comes or goes', () => {
    const [before] = dealt([0, 1]);
    const [after] = dealt([0, 1, 2]);

    expect(before).toEqual(expect.arrayContaining([...after!]));
  });

  test('are all one worker’s that is alone, also before its slot is seen', () => {
    expect(dealTables(rows, 0, [])).toHaveLength(600);
  });
});
