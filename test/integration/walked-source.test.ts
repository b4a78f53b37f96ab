import { describe, expect, test } from 'vitest';
import { recordFilter } from '../../shared/core/filter.ts';
import { changeHandler } from '../../shared/handler.ts';
import { everySource } from '../support/integration/every-source.ts';
import { eventsOf } from '../support/integration/walk-runner.ts';
import { shardsOf } from '../support/integration/walked-source.ts';

const pair = (round: number) => [`item-0: ${round}`, `item-1: ${round}`];

describe.each(everySource())('%s', (_name, subscribed) => {
  test('what is written while no walk runs, also before and after a reshard, comes with the next walk', async () => {
    const { write, arrived, start, reshard } = await subscribed();
    await write(0);
    await start().until(() => arrived.length === 2);
    await write(1);
    await reshard();
    await write(2);

    const events = await start().until(() => arrived.length === 6);

    expect(arrived.slice(0, 4)).toEqual([...pair(0), ...pair(1)]);
    expect(arrived.slice(4).toSorted()).toEqual(pair(2));
    expect(eventsOf(events, 'gap')).toEqual([]);
  });

  test('a closed shard is read once, however long it stays listed', async () => {
    const { write, arrived, start, reshard, source } = await subscribed({}, { speed: 60 });
    await write(0);
    await reshard();
    await start().until((events) => eventsOf(events, 'shard-finished').length === 1 && arrived.length === 2);

    const later = start();
    await later.done;

    const [root] = await shardsOf(source);
    expect(root?.isClosed).toBe(true);
    expect(arrived).toEqual(pair(0));
    expect(eventsOf(later.events, 'page-read').some(({ shardId }) => shardId === root?.shardId)).toBe(false);
  });

  test('a change whose handler fails is tried again until it is accepted, and nothing passes it', async () => {
    const { write, start } = await subscribed();
    await write(0);
    const seen: string[] = [];
    let failures = 2;
    const handler = changeHandler<{ id: string }>({
      insert: ({ keys }) => {
        if (keys.id === 'item-0' && failures-- > 0) throw new Error('down');
        seen.push(keys.id ?? '');
      },
    });

    const events = await start({}, (event) => handler(event)).until(() => seen.length === 2);

    expect(seen).toEqual(['item-0', 'item-1']);
    expect(eventsOf(events, 'batch-failed')).toHaveLength(2);
  });

  test('a filter looks at the change, and what it refuses is settled', async () => {
    const { write, arrived, start } = await subscribed();
    await write(0);
    const accepts = recordFilter([{ dynamodb: { Keys: { id: { S: ['item-1'] } } } }]);

    const events = await start({ accepts }).until(() => arrived.length === 1);
    await write(1);
    await start().until(() => arrived.length === 3);

    expect(arrived).toEqual(['item-1: 0', ...pair(1)]);
    expect(eventsOf(events, 'records-skipped')).toMatchObject([{ records: 1, reason: 'filtered' }]);
  });

  test('a failing call is repeated, and nothing is lost or passed over', async () => {
    const { write, arrived, start, source } = await subscribed();
    await write(0);
    let calls = 0;
    const oneInThree = () => calls++ % 3 === 0;
    const failed = { kind: 'failed', reason: 'throttled', message: 'Rate exceeded' } as const;
    const shaky = {
      ...source,
      listShards: async (...args: Parameters<typeof source.listShards>) =>
        oneInThree() ? failed : source.listShards(...args),
      open: async (...args: Parameters<typeof source.open>) => (oneInThree() ? failed : source.open(...args)),
      read: async (...args: Parameters<typeof source.read>) => (oneInThree() ? failed : source.read(...args)),
    };

    const walk = start({ source: shaky });
    await walk.reaches(() => arrived.length === 2);
    await write(1);
    const events = await walk.until(() => arrived.length === 4);

    expect(arrived).toEqual([...pair(0), ...pair(1)]);
    expect(eventsOf(events, 'source-failed').length).toBeGreaterThan(0);
  });
});
