import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { patternOfTables } from '../support/integration/tables-walk.ts';
import { eventsOf } from '../support/integration/walk-runner.ts';

const SLOW = { timeout: 180_000 };

test('tables are found by name and by tag, also while the walk goes on, and each is read by itself', SLOW, async () => {
  const { create, put, comes, becomes, start, rows, prefix, arrived } = await patternOfTables(
    {},
    { tags: { cdc: 'o*' } },
  );
  await create('orders', 'NEW_AND_OLD_IMAGES', { cdc: 'on' });
  await create('users', 'KEYS_ONLY', { cdc: 'only-keys' });
  await create('untagged');
  await put('orders', 'before');
  await put('untagged', 'never');

  const walk = start();
  await comes('orders before');
  await put('users', 'one');
  await create('late', 'NEW_IMAGE', { cdc: 'on' });
  await put('late', 'first');
  await comes('users one', 'late first');
  await becomes('late', 'active');
  await walk.stop();

  const found = await rows();
  expect(found.map(({ tableName, state }) => [tableName.replace(prefix, ''), state]).sort()).toEqual([
    ['late', 'active'],
    ['orders', 'active'],
    ['users', 'active'],
  ]);
  expect(found.find(({ tableName }) => tableName.endsWith('late'))?.reason).toBe(
    `it matches ${prefix}* and has the tag cdc=on`,
  );
  expect(arrived).not.toContain('untagged never');
});

test('a stream that is off is turned on, and waited for without holding up other tables', SLOW, async () => {
  const { create, put, comes, becomes, start } = await patternOfTables(
    {},
    { streams: 'enable', viewType: 'NEW_IMAGE' },
  );
  await create('with');
  await create('without', null);

  start();
  await becomes('without', 'active');
  await put('without', 'one');
  await put('with', 'one');

  await comes('without one', 'with one');
});

test('a broken table stops no other, says what is wrong, and is read once that is mended', SLOW, async () => {
  const { create, put, comes, becomes, start, dynamodb, prefix } = await patternOfTables({}, { viewType: 'NEW_IMAGE' });
  await create('bare', null);
  await create('keys', 'KEYS_ONLY');
  await create('good');
  await put('good', 'one');

  const walk = start();
  await comes('good one');
  await becomes('keys', 'broken');
  await becomes('bare', 'broken');
  await dynamodb.send(
    new UpdateTableCommand({
      TableName: `${prefix}bare`,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  await becomes('bare', 'active');
  await put('bare', 'mended');
  await comes('bare mended');

  expect(eventsOf(walk.events, 'table-state').filter(({ state }) => state === 'broken')).toMatchObject([
    { table: `us-east-1/${prefix}bare`, reason: 'it has no stream, and the subscription does not turn streams on' },
    { table: `us-east-1/${prefix}keys`, reason: expect.stringContaining('has the view type KEYS_ONLY') },
  ]);
});

test('a table that is deleted is read to the end of its stream, and one made anew begins anew', SLOW, async () => {
  const { create, remove, put, comes, becomes, start, state, rows, arrived } = await patternOfTables();
  await create('goes');
  await create('stays');
  await put('goes', 'old');
  await put('stays', 'one');
  const first = start();
  await comes('goes old', 'stays one');
  await first.stop();
  const [stays] = (await rows()).filter(({ tableName }) => tableName.endsWith('stays'));

  // Written and deleted while nobody walks: only the stream of the old table still has it.
  await put('goes', 'last');
  await remove('goes');
  await create('goes');
  await put('goes', 'new');
  const second = start();
  await comes('goes last', 'goes new');
  await becomes('goes', 'drained', 'active');
  await put('stays', 'two');
  await comes('stays two');
  await second.stop();

  expect(arrived.filter((change) => change.startsWith('stays'))).toEqual(['stays one', 'stays two']);
  expect(arrived.filter((change) => change.startsWith('goes')).toSorted()).toEqual([
    'goes last',
    'goes new',
    'goes old',
  ]);
  expect((await rows()).find(({ tableName }) => tableName.endsWith('stays'))).toEqual(stays);
  expect(eventsOf([...first.events, ...second.events], 'gap')).toEqual([]);
  expect(await state.pointer(`tenants/us-east-1/${stays?.tableName}/${stays?.tableId}`)).toMatchObject({
    generation: 1,
  });
});

test('each table has its own bootstrap: its items, then its changes', SLOW, async () => {
  const { create, put, comes, start, arrived } = await patternOfTables({
    bootstrap: { segments: 1 },
    // The clock of these walks is ahead of the engine's, to which LATEST would be in the future.
    start: { at: 'trim-horizon' },
  });
  await create('one');
  await put('one', 'a');

  start();
  await comes('one SNAPSHOT_COMPLETE');
  await create('two');
  await put('two', 'b');
  await put('one', 'c');
  await comes('two SNAPSHOT_COMPLETE', 'one c');

  expect(arrived.filter((change) => change.startsWith('one'))).toEqual([
    'one SNAPSHOT_STARTED',
    'one a',
    'one SNAPSHOT_COMPLETE',
    'one a',
    'one c',
  ]);
});

test('no item of a table that is made anew while it is scanned comes as one of before', SLOW, async () => {
  let made: Promise<void> | null = null;
  const makeAnew = (): Promise<void> => {
    made ??= remove('one')
      .then(() => create('one'))
      .then(() => put('one', 'b'))
      .then(() => undefined);
    return made;
  };
  const { create, remove, put, comes, start, arrived } = await patternOfTables(
    { bootstrap: { segments: 1 }, start: { at: 'trim-horizon' } },
    {},
    makeAnew,
  );
  await create('one');
  await put('one', 'a');

  start();
  await comes('one SNAPSHOT_COMPLETE');
  await put('one', 'c');
  await comes('one c');

  expect(arrived).toEqual([
    'one SNAPSHOT_STARTED',
    'one a',
    'one SNAPSHOT_STARTED',
    'one b',
    'one SNAPSHOT_COMPLETE',
    'one b',
    'one c',
  ]);
});

test('two workers share the tables, and every change comes once', SLOW, async () => {
  const { create, put, comes, start, arrived } = await patternOfTables({ workers: 2 });
  const names = Array.from({ length: 8 }, (_, n) => `table${n}`);
  for (const name of names) await create(name);
  const [one, two] = [start(0), start(1)];
  for (const name of names) await put(name, 'x');

  await comes(...names.map((name) => `${name} x`));
  const summaries = await Promise.all([one.stop(), two.stop()]);

  expect(arrived.toSorted()).toEqual(names.map((name) => `${name} x`));
  expect(summaries.map(({ reason }) => reason)).toEqual(['stopped', 'stopped']);
  for (const { records } of summaries) expect(records).toBeGreaterThan(0);
});

test('a walk whose tables have nothing to do leaves', SLOW, async () => {
  const { create, put, comes, start } = await patternOfTables({ keepAwake: false });
  await create('one');
  await create('two');
  await put('one', 'x');

  const walk = start();
  await comes('one x');

  expect(await walk.done).toMatchObject({ reason: 'idle', records: 1, failures: 0 });
});
