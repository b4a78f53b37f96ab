import { describe, expect, test } from 'vitest';
import type { Source } from '../../shared/core/ports.ts';
import { HOUR } from '../support/durations.ts';
import { everySource } from '../support/integration/every-source.ts';
import { eventsOf } from '../support/integration/walk-runner.ts';
import { shardsOf } from '../support/integration/walked-source.ts';

const pair = (round: number) => [`item-0: ${round}`, `item-1: ${round}`];

describe.each(everySource())('%s', (_name, subscribed) => {
  test('changes that are trimmed unread are a gap that the handler is told of before anything that follows', async () => {
    const { write, arrived, start, passes } = await subscribed({ deliver: ['gap'] });
    await write(0);
    await start().until(() => arrived.length === 2);
    await write(1);
    await passes(25 * HOUR);
    await write(2);

    const events = await start().until(() => arrived.includes('item-1: 2'));
    const later = await start().until(() => true);

    expect(arrived).toEqual([...pair(0), 'gap trimmed', ...pair(2)]);
    expect(eventsOf(events, 'gap')).toMatchObject([{ gap: { reason: 'trimmed' }, halted: false }]);
    expect(eventsOf(later, 'gap')).toEqual([]);
  });

  test('such a gap is reported once where the handler does not want to hear of it, and reading goes on behind it', async () => {
    const { write, arrived, start, passes } = await subscribed();
    await write(0);
    await start().until(() => arrived.length === 2);
    await write(1);
    await passes(25 * HOUR);
    await write(2);

    const events = await start().until(() => arrived.includes('item-1: 2'));

    expect(arrived).toEqual([...pair(0), ...pair(2)]);
    expect(eventsOf(events, 'gap')).toMatchObject([{ gap: { reason: 'trimmed' }, halted: false }]);
  });

  test('such a gap halts a subscription that wants it, walk after walk, and nothing behind it is delivered', async () => {
    const { write, arrived, start, passes } = await subscribed({ onGap: 'halt', deliver: ['gap'] });
    await write(0);
    await start().until(() => arrived.length === 2);
    await write(1);
    await passes(25 * HOUR);
    await write(2);

    const first = start();
    await first.done;
    const second = start();
    await second.done;

    expect(arrived).toEqual(pair(0));
    expect(eventsOf(first.events, 'gap')).toMatchObject([{ gap: { reason: 'trimmed' }, halted: true }]);
    expect(eventsOf(second.events, 'gap')).toEqual([]);
    for (const { events } of [first, second]) {
      expect(eventsOf(events, 'walk-ended')).toMatchObject([
        { summary: { reason: 'idle', haltedShards: 1, records: 0 } },
      ]);
    }
  });

  test('a beginning that was trimmed before the first walk came to read it is a gap, not a quiet start', async () => {
    const { write, arrived, start, passes } = await subscribed({ deliver: ['gap'] });
    await start().until((events) => eventsOf(events, 'shards-listed').length > 0);
    await write(0);
    await passes(25 * HOUR);
    await write(1);

    await start().until(() => arrived.includes('item-1: 1'));

    expect(arrived).toEqual(['gap trimmed', ...pair(1)]);
  });

  test('of generations of shards that are trimmed unread each is a gap, trimmed or gone altogether', async () => {
    const { write, arrived, start, passes, reshard, source } = await subscribed({ deliver: ['gap'] });
    await write(0);
    await start().until(() => arrived.length === 2);
    await reshard();
    await write(1);
    await reshard();
    await write(2);
    const shards = await shardsOf(source);
    await passes(25 * HOUR);
    await write(3);

    const isChange = (what: string) => what.startsWith('item');
    const events = await start().until(
      (seen) => arrived.filter(isChange).length === 4 && eventsOf(seen, 'gap').length >= shards.length,
    );

    expect(arrived.slice(0, 2)).toEqual(pair(0));
    expect(isChange(arrived[2] ?? '')).toBe(false);
    expect(arrived.slice(2).filter(isChange).toSorted()).toEqual(pair(3));
    const gaps = eventsOf(events, 'gap').map(({ gap }) => gap.shardId);
    expect(gaps.toSorted()).toEqual(shards.map(({ shardId }) => shardId).toSorted());
  });

  test('an iterator that expires in the hands of a walk, or between two, is replaced by one from the position', async () => {
    const { write, arrived, start, ages, source } = await subscribed({ keepAwake: true });
    const { heldSource, hold, letGo } = withHeldReads(source);
    await write(0);
    const walk = start({ source: heldSource });
    await walk.reaches(() => arrived.length === 2);
    await hold();
    await ages(HOUR);
    await write(1);
    letGo();
    const events = await walk.until(() => arrived.length === 4);
    await ages(HOUR);
    await write(2);

    const later = await start().until(() => arrived.length === 6);

    expect(arrived).toEqual([...pair(0), ...pair(1), ...pair(2)]);
    expect(eventsOf(events, 'iterator-expired')).toHaveLength(1);
    expect([...eventsOf(events, 'gap'), ...eventsOf(later, 'gap')]).toEqual([]);
  });
});

/** A source whose reads can be held back, each with the iterator that the walk got before. */
function withHeldReads(source: Source) {
  const held = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  let isHolding = false;
  const read: Source['read'] = async (...args) => {
    if (isHolding) {
      held.resolve();
      await free.promise;
    }
    return source.read(...args);
  };
  // What the source learns on its way, such as the retention, is asked of the source itself.
  const heldSource: Source = Object.create(source, { read: { value: read } });
  return {
    heldSource,
    /** Resolves when the walk wants to read. */
    hold: (): Promise<void> => {
      isHolding = true;
      return held.promise;
    },
    letGo: (): void => {
      isHolding = false;
      free.resolve();
    },
  };
}
