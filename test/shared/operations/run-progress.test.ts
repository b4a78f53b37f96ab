import { expect, test } from 'vitest';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import { shardEnd } from '../../../shared/core/position.ts';
import { scanStream } from '../../../shared/core/scan.ts';
import { loadRunProgress } from '../../../shared/operations/run-progress.ts';
import { aLease } from '../../support/shards.ts';
import { aStreamRow, aSubscription, HOUR, NOW, POINTER } from './a-subscription.ts';

const phase: Phase = { ...STREAMING, epoch: 2, run: 1, wantedRun: 1, segments: 2, beganAtMs: NOW, runBeganAtMs: NOW };
const scan = aStreamRow({ stream: scanStream('arn:orders', 1), run: 1, isDrained: true });
const finished = { position: shardEnd(), finishedAtMs: NOW };

test('a finished run is told of as long as its rows are kept, and no longer', async () => {
  const { ports, state, clock } = await aSubscription({ streams: [scan] });
  const key = { subscription: 'orders', generation: 1, stream: scan.stream };
  const segments = [0, 1].map((segment) => aLease({ shardId: `segment-${segment}-of-2`, ...finished, items: 7 }));
  await state.createLeases(key, [...segments, aLease({ shardId: 'complete', ...finished })]);
  const loaded = { pointer: { ...POINTER, phase }, control: await state.control('orders') };
  const progress = () => loadRunProgress(ports, 'orders', loaded);

  expect(await progress()).toMatchObject({ run: 1, state: 'complete', items: 14 });
  await state.expireLeases(key, ['complete', 'segment-0-of-2', 'segment-1-of-2'], NOW + 24 * HOUR);
  await clock.advanceTo(NOW + 24 * HOUR - 1);
  expect(await progress()).toMatchObject({ state: 'complete', items: 14 });
  await clock.advanceTo(NOW + 24 * HOUR);
  expect(await progress()).toBeNull();
});

test('what DynamoDB has not removed yet of a run that left tells nothing', async () => {
  const { ports, state } = await aSubscription({ streams: [scan] });
  const left = aLease({ shardId: 'segment-1-of-2', ...finished, items: 7, removeAtMs: NOW - 1 });
  const loaded = { pointer: { ...POINTER, phase }, control: await state.control('orders') };

  const progress = await loadRunProgress(
    { ...ports, state: { ...state, leases: async () => [left] } },
    'orders',
    loaded,
  );

  expect(progress).toBeNull();
});
