import { describe, expect, test } from 'vitest';
import type { Source } from '../../shared/core/ports.ts';
import type { ChangeEvent } from '../../shared/core/record.ts';
import type { TableRow } from '../../shared/core/table-registry.ts';
import type { Report, WalkEvent, WalkSummary } from '../../shared/core/walk-event.ts';
import { isForTables, parseWalkRequest, type WalkRequest, type WalkRequestInput } from '../../shared/request.ts';
import { walkTables } from '../../shared/tables-walker.ts';
import { simulatedClock } from '../../shared/testing/simulated-clock.ts';
import { simulatedSink } from '../../shared/testing/simulated-sink.ts';
import { simulatedState } from '../../shared/testing/simulated-state.ts';
import { MINUTE } from '../support/durations.ts';
import { simulatedRegistry, simulatedTables } from '../support/simulated-tables.ts';

/** Tables in memory, and walks of all that match. */
function aPattern(
  changes: Partial<WalkRequestInput> = {},
  sourceOf: (source: Source, row: TableRow) => Source = (source) => source,
) {
  const clock = simulatedClock();
  const tables = simulatedTables(clock);
  const registry = simulatedRegistry();
  const state = simulatedState({ clock });
  const delivered: string[] = [];
  const events: (WalkEvent & { readonly table?: string })[] = [];
  let ids = 0;
  const request = parseWalkRequest({
    ...{ format: 1, pipeline: 'p', subscription: 'tenants', stateTable: 'state', worker: 0, workers: 1 },
    source: { kind: 'tables', include: ['prod-*'], regions: ['eu-west-1'] },
    handler: { functionArn: 'arn:handler', timeoutMs: 1_000 },
    deliveryMarginMs: 1_000,
    ...changes,
  });
  if (!isForTables(request)) throw new Error('the request is not for tables');
  const handler = async ({ Records }: ChangeEvent) => {
    for (const { eventSourceARN, dynamodb } of Records) {
      const name = /table\/([^/]+)\//.exec(eventSourceARN)?.[1];
      delivered.push(`${name} ${dynamodb.SequenceNumber}`);
    }
    return { batchItemFailures: [] };
  };
  const walk = (worker = 0, stop?: AbortSignal): Promise<WalkSummary> => {
    const common = { state, clock, random: () => 0.5, newId: () => `id-${++ids}` };
    const ports = {
      ...{ ...common, registry, finder: () => tables.finder },
      report: (event: WalkEvent) => void events.push(event),
      table: (_own: WalkRequest, row: TableRow, report: Report) => ({
        ...{ ...common, report, source: sourceOf(tables.sourceOf(row.tableId), row) },
        sink: simulatedSink({ clock, handler, timeoutMs: 1_000 }),
      }),
    };
    return walkTables({ ...request, worker }, ports, {
      deadlineMs: clock.nowMs() + 15 * MINUTE,
      pageBytes: 64_000_000,
      ...(stop && { stop }),
    });
  };
  /** Runs walks to their end. */
  const ended = async (...walks: readonly Promise<WalkSummary>[]): Promise<readonly WalkSummary[]> => {
    let open = walks.length;
    for (const one of walks) void one.then(() => open--);
    await clock.advanceUntil(() => open === 0, clock.nowMs() + 20 * MINUTE);
    return Promise.all(walks);
  };
  return { ...tables, clock, registry, state, delivered, events, walk, ended };
}

describe('a walk of all tables of a pattern', () => {
  test('reads several hundred tables, shared by two workers, each change once', { timeout: 120_000 }, async () => {
    const { create, walk, ended, delivered, clock, registry } = aPattern({ workers: 2 });
    const names = Array.from({ length: 450 }, (_, n) => `prod-${n}`);
    for (const name of names) create(name).stream.write('item');

    const summaries = await ended(walk(0), walk(1));

    expect(delivered.map((change) => change.split(' ')[0]).sort()).toEqual(names.toSorted());
    expect(summaries.map(({ reason }) => reason)).toEqual(['idle', 'idle']);
    for (const { records } of summaries) expect(records).toBeGreaterThan(150);
    expect(registry.tables()).toHaveLength(450);
    expect(clock.pending()).toBe(0);
  });

  test('is one walk in its figures, however many tables it has', async () => {
    const { create, walk, ended, events } = aPattern();
    for (const name of ['prod-a', 'prod-b', 'prod-c']) create(name).stream.write('item');

    const [summary] = await ended(walk());

    expect(summary).toMatchObject({ records: 3, batches: 3, openShards: 3, reason: 'idle' });
    expect(summary?.lagMs).toBeLessThan(10_000);
    expect(events.filter(({ kind }) => kind === 'walk-started' || kind === 'walk-ended')).toHaveLength(2);
    expect(events.find(({ kind }) => kind === 'batch-delivered')?.table).toMatch(/^eu-west-1\/prod-/);
    expect(events).toContainEqual({ kind: 'tables-seen', active: 3, waiting: 0, broken: 0 });
  });

  test('of which there is none is alive all the same', async () => {
    const { walk, ended, events } = aPattern();

    const [summary] = await ended(walk());

    expect(summary).toMatchObject({ reason: 'idle', records: 0 });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'shards-seen', openShards: 0, lagMs: 0 }));
  });

  test('that may not even list says so, and claims no lag', async () => {
    const { walk, ended, events, fail } = aPattern();
    fail('listTables', '', 'denied');

    await ended(walk());

    expect(events).toContainEqual(expect.objectContaining({ kind: 'source-failed', operation: 'list tables' }));
    expect(events.filter(({ kind }) => kind === 'shards-seen')).toEqual([]);
  });

  test('begins at the moment of the pattern’s first walk with LATEST: of a later table nothing is left out', async () => {
    const { create, walk, ended, delivered, clock } = aPattern({ start: { at: 'latest' } });
    create('prod-old').stream.write('before');
    await clock.advanceBy(10 * MINUTE);
    await ended(walk());
    expect(delivered).toEqual([]);

    create('prod-new').stream.write('early');
    await clock.advanceBy(5 * MINUTE);
    await ended(walk());

    expect(delivered).toEqual([expect.stringMatching(/^prod-new /)]);
  });

  test('does nothing while the pattern is paused, and goes on where each table was', async () => {
    const { create, walk, ended, delivered, state, clock } = aPattern();
    const { stream } = create('prod-a');
    stream.write('one');
    await ended(walk());
    const pointer = await state.pointer('tenants');
    await state.putControl('tenants', { ...pointer!, isPaused: true, revision: 9 }, pointer!.revision);
    stream.write('two');

    expect(await ended(walk())).toMatchObject([{ reason: 'paused', records: 0 }]);
    await state.putControl('tenants', { ...pointer!, isPaused: false, revision: 10 }, 9);
    await ended(walk());

    expect(delivered).toHaveLength(2);
    expect(new Set(delivered).size).toBe(2);
    expect(clock.pending()).toBe(0);
  });

  test('reads what a deleted table had left, and takes no table of the same name for it', async () => {
    const { create, drop, walk, ended, delivered, registry, clock } = aPattern();
    const first = create('prod-a');
    first.stream.write('one');
    await ended(walk());
    first.stream.write('last');
    drop('prod-a');
    create('prod-a').stream.write('new');

    for (let walks = 0; walks < 10; walks += 1) {
      await clock.advanceBy(MINUTE);
      await ended(walk());
    }

    expect(delivered).toHaveLength(3);
    expect(registry.states()).toEqual(['prod-a: active', 'prod-a: drained']);
  });

  test('begins a table that was made anew when the one before is read to its end: no older change of an item comes after a newer one', async () => {
    let isAway = false;
    const throttled = async () => ({ kind: 'failed', reason: 'throttled', message: 'slow down' }) as const;
    const { create, drop, walk, ended, delivered, clock } = aPattern({}, (source, { tableId }) => ({
      ...source,
      read: (stream, iterator) => (tableId === 'life-1' && isAway ? throttled() : source.read(stream, iterator)),
    }));
    const first = create('prod-a');
    const writes = [first.stream.write('item')];
    await ended(walk());
    isAway = true;
    writes.push(first.stream.write('item'));
    drop('prod-a');
    writes.push(create('prod-a').stream.write('item'));
    const other = create('prod-b').stream.write('item');

    await ended(walk());
    const meanwhile = delivered.slice(1);
    isAway = false;
    for (let walks = 0; walks < 5; walks += 1) {
      await clock.advanceBy(MINUTE);
      await ended(walk());
    }

    expect(meanwhile).toEqual([`prod-b ${other?.sequenceNumber}`]);
    expect(delivered.filter((change) => change.startsWith('prod-a'))).toEqual(
      writes.map((record) => `prod-a ${record?.sequenceNumber}`),
    );
  });

  test('hands every table over to the next walk, which goes on where it was', async () => {
    const { create, walk, ended, delivered, clock } = aPattern({ keepAwake: true });
    const streams = Array.from({ length: 5 }, (_, n) => create(`prod-${n}`).stream);
    const writes: string[] = [];
    const writeFor = async (minutes: number): Promise<void> => {
      for (let ms = 0; ms < minutes * MINUTE; ms += 7_000) {
        for (const stream of streams) {
          const record = stream.write(`item-${writes.length}`);
          writes.push(`${stream.tableName} ${record?.sequenceNumber}`);
        }
        await clock.advanceBy(7_000);
      }
    };

    const first = walk();
    await writeFor(14);
    const second = walk();
    await writeFor(3);
    const [before] = await ended(first);
    await clock.advanceBy(MINUTE);

    expect(before).toMatchObject({ reason: 'hand-over', failures: 0, gaps: 0 });
    expect(delivered.toSorted()).toEqual(writes.toSorted());
    await ended(second);
    expect(clock.pending()).toBe(0);
  });

  test('that cannot reach the registry says so, and reads on as soon as it can', async () => {
    const { create, walk, ended, delivered, events, registry } = aPattern();
    create('prod-a').stream.write('one');
    const { rows } = registry;
    let failures = 3;
    Object.assign(registry, {
      rows: async (subscription: string) => {
        if (failures-- > 0) throw new Error('no route');
        return rows(subscription);
      },
    });

    await ended(walk());

    expect(delivered).toHaveLength(1);
    expect(events).toContainEqual({ kind: 'state-failed', operation: 'refresh', message: 'Error: no route' });
  });

  // In NimoShake each table takes ten DescribeStream calls a second, of an account that has ten.
  test('makes five DescribeStream calls a second at most, whatever the number of tables', async () => {
    const listedAtMs: number[] = [];
    const pattern = aPattern({}, (source) => ({
      ...source,
      listShards: (stream, after) => {
        listedAtMs.push(pattern.clock.nowMs());
        return source.listShards(stream, after);
      },
    }));
    for (let n = 0; n < 60; n += 1) pattern.create(`prod-${n}`);

    await pattern.ended(pattern.walk());

    expect(listedAtMs.length).toBeGreaterThanOrEqual(60);
    for (const [index, atMs] of listedAtMs.entries()) {
      const fiveBefore = listedAtMs[index - 5];
      if (fiveBefore !== undefined) expect(atMs - fiveBefore).toBeGreaterThanOrEqual(1_000);
    }
  });

  // NimoShake ends as a whole where one table's stream answers with an error that it does not know.
  test('goes on with all other tables where one has a stream that cannot be read', async () => {
    const denied = async () => ({ kind: 'failed', reason: 'denied', message: 'no' }) as const;
    const { create, walk, clock, delivered, events } = aPattern({}, (source, { tableName }) =>
      tableName === 'prod-b' ? { ...source, open: denied, read: () => Promise.reject(new Error('odd')) } : source,
    );
    for (const name of ['prod-a', 'prod-b', 'prod-c']) create(name).stream.write('item');

    const walking = walk();
    await clock.advanceUntil(() => delivered.length === 2, clock.nowMs() + 10 * MINUTE);
    await clock.advanceBy(20 * MINUTE);

    expect(delivered.map((change) => change.split(' ')[0]).sort()).toEqual(['prod-a', 'prod-c']);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'source-failed', table: 'eu-west-1/prod-b' }));
    expect(await walking).toMatchObject({ reason: 'hand-over', records: 2 });
  });

  test('outlives a state table that is away for a moment', async () => {
    const { create, walk, ended, delivered, events, state, clock } = aPattern({ keepAwake: true });
    const { stream } = create('prod-a');
    const { putControl } = state;
    const from = clock.nowMs() + 10_000;
    Object.assign(state, {
      putControl: async (...args: Parameters<typeof putControl>) => {
        const isAway = args[0] === 'tenants' && clock.nowMs() >= from && clock.nowMs() < from + 15_000;
        if (isAway) throw new Error('no route');
        return putControl(...args);
      },
    });
    clock.after(2 * MINUTE, () => stream.write('late'));

    const [summary] = await ended(walk());

    expect(summary?.reason).toBe('hand-over');
    expect(delivered).toHaveLength(1);
    expect(events).toContainEqual({ kind: 'state-failed', operation: 'refresh', message: 'Error: no route' });
  });

  test('leaves nothing running when one region cannot be written down while another is still listed', async () => {
    const regions = ['eu-west-1', 'us-east-1'];
    const source = { kind: 'tables', include: ['prod-*'], regions } as const;
    const { create, walk, clock, registry, events, finder } = aPattern({
      source: { ...source, include: ['prod-*'] },
      keepAwake: true,
    });
    create('prod-a');
    const { listTables } = finder;
    const slow = Promise.withResolvers<void>();
    let lists = 0;
    Object.assign(finder, {
      listTables: async (after: string | null) => {
        lists += 1;
        if (lists === 2) await slow.promise;
        return listTables(after);
      },
    });
    Object.assign(registry, { put: () => Promise.reject(new Error('no route')) });
    const stop = new AbortController();
    let isDone = false;
    const walking = walk(0, stop.signal).then(() => {
      isDone = true;
    });

    await clock.advanceBy(10_000);
    stop.abort();
    await clock.advanceBy(MINUTE);
    const wasDone = isDone;
    slow.resolve();
    await clock.advanceBy(MINUTE);
    await walking;

    expect(wasDone).toBe(false);
    expect(events).toContainEqual({ kind: 'state-failed', operation: 'list tables', message: 'Error: no route' });
  });

  test('lets all tables together take no more memory than one walk may', async () => {
    let [reading, most] = [0, 0];
    // Two of these pages are all that the walk has room for.
    const pattern = aPattern({}, (source) => ({
      ...source,
      pageBytes: 30_000_000,
      read: async (stream, iterator) => {
        reading += 1;
        most = Math.max(most, reading);
        await pattern.clock.sleep(20);
        const page = await source.read(stream, iterator);
        reading -= 1;
        return page;
      },
    }));
    for (let n = 0; n < 20; n += 1) pattern.create(`prod-${n}`).stream.write('item');

    await pattern.ended(pattern.walk());

    expect(pattern.delivered).toHaveLength(20);
    expect(most).toBe(2);
  });
});
