import { describe, expect, test } from 'vitest';
import { type Phase, STREAMING } from '../../../shared/core/phase.ts';
import { afterItem, shardEnd } from '../../../shared/core/position.ts';
import { scanStream } from '../../../shared/core/scan.ts';
import type { Pointer, StreamRow } from '../../../shared/core/subscription.ts';
import { aLease } from '../../support/shards.ts';
import { until, walkedOrders } from './walked-orders.ts';

const MINUTE = 60_000;

const pointerIn = (phase: Partial<Phase>): Pointer => ({
  kind: 'pointer',
  revision: 0,
  generation: 1,
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  isPaused: false,
  isPreviousFree: true,
  phase: { ...STREAMING, segments: 2, run: 1, wantedRun: 1, isRunDone: false, slice: 1, ...phase },
});

/** The orders in the first slice of a run that began ten minutes ago, one of its two segments finished. */
async function inSlice() {
  const orders = await walkedOrders();
  const beganAtMs = Date.now() - 10 * MINUTE;
  const phase = { kind: 'scanning', beganAtMs, runBeganAtMs: beganAtMs, endsAtMs: beganAtMs + 60 * MINUTE } as const;
  const stream = scanStream(orders.streamArn, 1);
  const row: StreamRow = {
    kind: 'stream',
    revision: 0,
    generation: 1,
    stream,
    isReplacement: false,
    isFirstListingComplete: true,
    listedAtMs: beganAtMs,
    isDrained: false,
    run: 1,
  };
  const key = { subscription: 'orders', generation: 1, stream };
  await orders.state.putControl('orders', pointerIn(phase), null);
  await orders.state.putControl('orders', row, null);
  await orders.state.createLeases(key, [
    aLease({ shardId: 'segment-0-of-2', position: shardEnd(), items: 1_500 }),
    aLease({ shardId: 'segment-1-of-2', position: afterItem('{}', 750) }),
    aLease({ shardId: 'complete' }),
  ]);
  return { ...orders, phase };
}

describe('how far a run is', () => {
  test(
    'is in status, and in its JSON',
    async () => {
      const orders = await inSlice();

      const shown = await orders.run('status', 'orders');
      const json = JSON.parse((await orders.run('status', 'orders', '--json')).out);

      expect(shown.out).toMatch(
        /\norders: run 1 75\.0 %, slice 1 of the scan, which ends in 49 m \d\d s at the latest, 2,250 of about 3,000 items, 1 of 2 segments, 3\.\d items\/s, about 3 m \d\d s left\n/,
      );
      expect(json.subscriptions[0].run).toMatchObject({
        run: 1,
        state: 'scanning',
        slice: 1,
        items: 2_250,
        expectedItems: 3_000,
        share: 0.75,
        segmentsDone: 1,
        segments: 2,
      });
    },
    MINUTE,
  );

  test(
    'is shown by a repair that waits, until the run is over',
    async () => {
      const orders = await inSlice();

      const waiting = orders.start('repair', 'orders', '--wait', '--yes');
      await until(() => waiting.out().includes('1 of 2 segments'));
      await orders.state.putControl(
        'orders',
        { ...pointerIn({ ...orders.phase, kind: 'streaming', isRunDone: true }), revision: 1 },
        0,
      );
      const ended = await waiting.ended;

      expect(ended).toMatchObject({ code: 1, errors: '' });
      expect(ended.out.split('\n')[0]).toBe('orders is in run 1 already');
      expect(ended.out).toContain('orders: run 1 75.0 %, cancelled, 2,250 items, 1 of 2 segments');
    },
    MINUTE,
  );
});
