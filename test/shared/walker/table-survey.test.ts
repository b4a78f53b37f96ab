import { describe, expect, test } from 'vitest';
import type { TablePattern } from '../../../shared/core/table-pattern.ts';
import { OWN_TABLE_TAG } from '../../../shared/core/table-pattern.ts';
import type { WantedStream } from '../../../shared/core/table-registry.ts';
import type { WalkEvent } from '../../../shared/core/walk-event.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import type { Survey } from '../../../shared/walker/table-look.ts';
import { leaveRegions, lookAgain, surveyRegion } from '../../../shared/walker/table-survey.ts';
import { MINUTE } from '../../support/durations.ts';
import { simulatedRegistry, simulatedTables } from '../../support/simulated-tables.ts';

/** Surveys of tables in memory. */
function aRegion(wanted: WantedStream = { streams: 'expect' }, pattern: Partial<TablePattern> = {}) {
  const clock = simulatedClock();
  const tables = simulatedTables(clock);
  const registry = simulatedRegistry();
  const events: WalkEvent[] = [];
  const stop = new AbortController();
  const survey: Survey = {
    ...{ subscription: 'tenants', region: 'eu-west-1', wanted, registry, clock, random: () => 0.5 },
    pattern: { include: ['prod-*'], exclude: [], tags: {}, ...pattern },
    finder: tables.finder,
    report: (event) => void events.push(event),
    signal: stop.signal,
  };
  const run = async (act: typeof surveyRegion): Promise<void> => {
    let isDone = false;
    const done = act(survey, await registry.rows('tenants')).then(() => {
      isDone = true;
    });
    await clock.advanceUntil(() => isDone, clock.nowMs() + 30 * MINUTE);
    await done;
  };
  return { ...tables, registry, clock, events, survey, list: () => run(surveyRegion), look: () => run(lookAgain) };
}

describe('a listing of the tables', () => {
  test('writes down what matches, and asks nothing of what does not', async () => {
    const { create, list, registry, calls } = aRegion();
    create('prod-a');
    create('prod-b', { status: 'CREATING' });
    create('test-a');

    await list();

    expect(registry.states()).toEqual(['prod-a: active', 'prod-b: waiting']);
    expect(calls.filter((call) => call.includes('test-a'))).toEqual([]);
  });

  test('reads every page', async () => {
    const { create, list, registry } = aRegion();
    for (let n = 0; n < 250; n += 1) create(`prod-${String(n).padStart(3, '0')}`);

    await list();

    expect(registry.tables()).toHaveLength(250);
    expect(await registry.rows('tenants')).toContainEqual(
      expect.objectContaining({ kind: 'survey', tables: 250, failure: null }),
    );
  });

  test('that is throttled is made again with growing pauses, and loses no table', async () => {
    const { create, list, registry, fail, events } = aRegion();
    for (const name of ['prod-a', 'prod-b', 'prod-c']) create(name);
    fail('listTables', '', 'throttled', 2);
    fail('describeTable', 'prod-b', 'throttled', 4);
    fail('tagsOf', 'prod-c', 'unavailable', 3);

    await list();

    expect(registry.states()).toEqual(['prod-a: active', 'prod-b: active', 'prod-c: active']);
    expect(events.filter(({ kind }) => kind === 'source-failed')).toEqual([]);
  });

  // NimoShake 2.1 ends for all tables where one call fails.
  test('goes on where one table is denied, says so, and takes it up later', async () => {
    const { create, list, registry, fail, heal, events } = aRegion();
    for (const name of ['prod-a', 'prod-b', 'prod-c']) create(name);
    fail('describeTable', 'prod-b', 'denied');

    await list();
    expect(registry.states()).toEqual(['prod-a: active', 'prod-c: active']);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'source-failed', operation: 'describe prod-b', reason: 'denied' }),
    );

    heal();
    await list();
    expect(registry.states()).toEqual(['prod-a: active', 'prod-b: active', 'prod-c: active']);
  });

  test('that fails as a whole leaves every table as it is, and says so', async () => {
    const { create, list, registry, fail } = aRegion();
    create('prod-a');
    await list();
    fail('listTables', '', 'denied');

    await list();

    expect(registry.states()).toEqual(['prod-a: active']);
    const survey = (await registry.rows('tenants')).find((row) => row.kind === 'survey');
    expect(survey).toMatchObject({ failure: 'list tables: denied ', tables: 1 });
  });

  // NimoShake leaves a table out for good that one of two listings does not show.
  test('that does not show a table proves nothing of it', async () => {
    const { create, list, registry, hide } = aRegion();
    create('prod-a');
    await list();
    hide('prod-a');

    await list();

    expect(registry.states()).toEqual(['prod-a: active']);
  });

  // NimoShake copies every table anew when one is new, or has another stream.
  test('takes a table that is made anew for another one, and leaves all others alone', async () => {
    const { create, drop, list, registry } = aRegion();
    create('prod-a');
    create('prod-b');
    await list();
    const before = registry.tables().find(({ tableName }) => tableName === 'prod-b');
    drop('prod-a');
    create('prod-a');

    await list();

    expect(registry.states()).toEqual(['prod-a: active', 'prod-a: vanished', 'prod-b: active']);
    expect(registry.tables().find(({ tableName }) => tableName === 'prod-b')).toEqual(before);
  });

  test('notices that a table is gone, whatever else is there', async () => {
    const { create, drop, list, registry, events } = aRegion();
    create('prod-a');
    create('prod-b');
    await list();
    drop('prod-a');

    await list();

    expect(registry.states()).toEqual(['prod-a: vanished', 'prod-b: active']);
    expect(events.at(-2)).toEqual({
      ...{ kind: 'table-state', table: 'eu-west-1/prod-a', tableId: 'life-1', state: 'vanished' },
      reason: 'it was deleted',
    });
  });

  test('lets a table go that has lost its tag, and takes it up again', async () => {
    const { create, list, registry } = aRegion({ streams: 'expect' }, { tags: { cdc: 'on' } });
    const table = create('prod-a', { tags: { cdc: 'on' } });
    create('prod-b');
    await list();
    expect(registry.states()).toEqual(['prod-a: active']);

    table.tags = {};
    await list();
    expect(registry.tables()).toMatchObject([{ state: 'unmatched', reason: 'it has no tag cdc' }]);

    table.tags = { cdc: 'on' };
    await list();
    expect(registry.tables()).toMatchObject([{ state: 'active', tableId: 'life-1' }]);
  });

  test('leaves the tables of pipelines alone, which would feed on themselves', async () => {
    const { create, list, registry } = aRegion({ streams: 'enable' });
    create('prod-state', { tags: { [OWN_TABLE_TAG]: 'true' }, hasStream: false });

    await list();

    expect(registry.states()).toEqual([]);
  });

  test('lets go of the tables of a region that is not asked for any more', async () => {
    const { create, list, registry, survey } = aRegion();
    create('prod-a');
    await list();

    await leaveRegions({ ...survey, regions: ['us-east-1'] }, await registry.rows('tenants'));

    expect(registry.tables()).toMatchObject([{ state: 'unmatched', reason: 'its region is not asked for any more' }]);
  });
});

describe('a stream that is off', () => {
  // NimoShake sleeps for half a minute, and takes the stream for ready then.
  test('is turned on, and read as soon as it says that it can be, however long that takes', async () => {
    const { create, list, look, registry } = aRegion({ streams: 'enable', viewType: 'NEW_IMAGE' });
    const table = create('prod-a', { hasStream: false });
    create('prod-b');

    await list();
    expect(registry.states()).toEqual(['prod-a: waiting', 'prod-b: active']);
    await look();
    expect(registry.states()).toEqual(['prod-a: waiting', 'prod-b: active']);

    table.isReadable = true;
    await look();
    expect(registry.states()).toEqual(['prod-a: active', 'prod-b: active']);
    expect(table.viewType).toBe('NEW_IMAGE');
  });

  test('that may not be turned on is a broken table, once and for all listings', async () => {
    const { create, list, registry, fail, events } = aRegion({ streams: 'enable' });
    create('prod-a', { hasStream: false });
    create('prod-b');
    fail('enableStream', 'prod-a', 'denied');

    await list();
    await list();

    expect(registry.states()).toEqual(['prod-a: broken', 'prod-b: active']);
    const said = events.filter((event) => event.kind === 'table-state' && event.table === 'eu-west-1/prod-a');
    expect(said).toMatchObject([{ state: 'broken', reason: 'its stream cannot be turned on: denied prod-a' }]);
  });

  // NimoShake reads a stream of keys as if it had images.
  test('and one without the images that are asked for are broken tables, and no other is', async () => {
    const { create, list, registry } = aRegion({ streams: 'expect', viewType: 'NEW_IMAGE' });
    create('prod-a', { viewType: 'KEYS_ONLY' });
    create('prod-b', { hasStream: false });
    create('prod-c');

    await list();

    expect(registry.states()).toEqual(['prod-a: broken', 'prod-b: broken', 'prod-c: active']);
  });
});

test('what another worker wrote meanwhile is left as it is', async () => {
  const { create, list, registry, survey, drop } = aRegion();
  create('prod-a');
  await list();
  const stale = await registry.rows('tenants');
  const [row] = registry.tables();
  await registry.put('tenants', { ...row!, kind: 'table', revision: 1, reason: 'theirs' }, 0);
  drop('prod-a');

  await surveyRegion({ ...survey, clock: { ...survey.clock, sleep: async () => {} } }, stale);

  expect(registry.tables()).toMatchObject([{ state: 'active', reason: 'theirs' }]);
});
