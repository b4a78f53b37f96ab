import { expect, test } from 'vitest';
import type { Page, Sink, Source } from '../../../shared/core/ports.ts';
import { trimHorizon } from '../../../shared/core/position.ts';
import { byteBudget } from '../../../shared/walker/byte-budget.ts';
import type { WalkContext, WalkPorts } from '../../../shared/walker/context.ts';
import { claimLease } from '../../../shared/walker/lease-keeper.ts';
import { runShard } from '../../../shared/walker/shard-task.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';
import { aLease } from '../../support/shards.ts';
import { aWalk, KEY, type TestWalk } from '../../support/walk-context.ts';

const PAGE_BYTES = 1_048_576;

/** One page with a record, then pages of the open shard that the reading of the second trips over. */
const source = (second: () => Page): Source => {
  const record = { sequenceNumber: '100', createdAtMs: 0, itemKey: () => 'item', event: {} };
  let reads = 0;
  return {
    iteratorLifetimeMs: MINUTE,
    open: async () => ({ kind: 'opened', iterator: 'first' }),
    read: async () => (++reads === 1 ? { kind: 'page', records: [record], next: 'next' } : second()),
  } as Partial<Source> as Source;
};

const emptyPage = (): Page => ({ kind: 'page', records: [], next: 'next' });

/** A page that cannot be taken: a bug, not a failure that anybody foresaw. */
const brokenPage = (): Page => ({ kind: 'page', records: [null as never], next: 'next' });

/** Runs a shard for ten minutes; says what is left of it. */
async function run(walk: TestWalk, ports: Partial<WalkPorts>) {
  await walk.state.createLeases(KEY, [aLease()]);
  const plain = walk.context('walk-1');
  const context: WalkContext = { ...plain, ports: { ...plain.ports, ...ports }, budget: byteBudget(PAGE_BYTES) };
  const keeper = await claimLease(context, aLease(), trimHorizon());
  let endedAtMs: number | null = null;
  const task = runShard(context, keeper!, () => undefined);
  const ended = task.done.then(() => {
    endedAtMs = walk.clock.nowMs();
  });
  await walk.clock.advanceBy(10 * MINUTE);
  await ended;
  const row = (await walk.state.lease(KEY, 'a'))!;
  const isBudgetFree = await Promise.race([
    context.budget.reserve(PAGE_BYTES, new AbortController().signal),
    Promise.resolve().then(() => false),
  ]);
  return { endedAtMs, row, isBudgetFree };
}

test('a shard whose reading throws ends when what it delivers has ended, and its lease runs out', async () => {
  const walk = await aWalk();
  let answeredAtMs = 0;
  const slow: Sink = {
    deliver: async () => {
      await walk.clock.sleep(SECOND);
      answeredAtMs = walk.clock.nowMs();
      return { kind: 'answered', response: null };
    },
  };

  const { endedAtMs, row, isBudgetFree } = await run(walk, { source: source(brokenPage), sink: slow });

  expect(answeredAtMs).toBeGreaterThan(0);
  expect(endedAtMs).toBeGreaterThanOrEqual(answeredAtMs);
  expect(row).toMatchObject({ owner: 'walk-1', position: trimHorizon() });
  expect(row.expiresAtMs).toBeLessThan(2 * MINUTE);
  expect(isBudgetFree).toBe(true);
  expect(walk.events).toContainEqual(expect.objectContaining({ kind: 'state-failed', operation: 'read a shard' }));
});

test('a shard whose delivery throws is read no further, and its lease runs out', async () => {
  const walk = await aWalk();
  const broken: Sink = {
    deliver: () => {
      throw new Error('a bug');
    },
  };

  const { endedAtMs, row, isBudgetFree } = await run(walk, { source: source(emptyPage), sink: broken });

  expect(endedAtMs).toBeLessThan(MINUTE);
  expect(row).toMatchObject({ owner: 'walk-1', position: trimHorizon() });
  expect(row.expiresAtMs).toBeLessThan(2 * MINUTE);
  expect(isBudgetFree).toBe(true);
  expect(walk.events).toContainEqual(expect.objectContaining({ kind: 'state-failed', operation: 'read a shard' }));
});
