import { expect, test } from 'vitest';
import type { Source } from '../../../shared/core/ports.ts';
import { trimHorizon } from '../../../shared/core/position.ts';
import { byteBudget } from '../../../shared/walker/byte-budget.ts';
import type { WalkContext } from '../../../shared/walker/context.ts';
import { claimLease } from '../../../shared/walker/lease-keeper.ts';
import { runShard } from '../../../shared/walker/shard-task.ts';
import { MINUTE } from '../../support/durations.ts';
import { aLease } from '../../support/shards.ts';
import { aWalk, KEY } from '../../support/walk-context.ts';

/** One page with three records, and the shard's end. */
const source: Partial<Source> = {
  iteratorLifetimeMs: MINUTE,
  open: async () => ({ kind: 'opened', iterator: 'first' }),
  childrenOf: async () => ({ kind: 'unsupported' }),
  read: async () => ({
    kind: 'page',
    records: ['100', '101', '102'].map((sequenceNumber) => ({
      ...{ sequenceNumber, createdAtMs: 0, itemKey: () => sequenceNumber, event: {} },
    })),
    next: null,
  }),
};

test('what failed of a batch, and what was given up, is told from its first to its last record', async () => {
  const walk = await aWalk();
  await walk.state.createLeases(KEY, [aLease()]);
  const plain = walk.context('walk-1');
  const context: WalkContext = {
    ...plain,
    request: { ...plain.request, retryAttempts: 0 },
    ports: {
      ...plain.ports,
      source: source as Source,
      sink: {
        deliver: async () => ({ kind: 'answered', response: { batchItemFailures: [{ itemIdentifier: '101' }] } }),
      },
      onFailure: { store: async () => ({ kind: 'stored' }) },
    },
    budget: byteBudget(1_048_576),
  };
  const keeper = await claimLease(context, aLease(), trimHorizon());

  const task = runShard(context, keeper!, () => undefined);
  await walk.clock.advanceBy(10 * MINUTE);
  await task.done;

  const [failed, ...others] = walk.events.filter(({ kind }) => kind === 'batch-failed' || kind === 'batch-given-up');
  expect(failed).toMatchObject({ kind: 'batch-failed', startSequenceNumber: '101', endSequenceNumber: '102' });
  expect(others.at(0)).toMatchObject({
    ...{ kind: 'batch-given-up', startSequenceNumber: '101' },
    endSequenceNumber: '102',
  });
});
