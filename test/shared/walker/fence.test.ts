import { describe, expect, test } from 'vitest';
import type { Pointer } from '../../../shared/core/subscription.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { fenceOf } from '../../../shared/walker/fence.ts';
import { SECOND } from '../../support/durations.ts';

const pointer = (changes: Partial<Pointer> = {}): Pointer => ({
  kind: 'pointer',
  revision: 0,
  generation: 3,
  start: { at: 'trim-horizon' },
  startedAtMs: 0,
  isPaused: false,
  isPreviousFree: true,
  ...changes,
});

/** A fence of generation 3 whose reads end when the test says so. */
function aFence(stop = new AbortController()) {
  const clock = simulatedClock(0);
  const reads: { readonly end: (row: Pointer | null | Error) => void }[] = [];
  const failures: unknown[] = [];
  const fence = fenceOf(
    pointer(),
    {
      clock,
      random: () => 1,
      readPointer: () =>
        new Promise((resolve, reject) => {
          reads.push({ end: (row) => (row instanceof Error ? reject(row) : resolve(row)) });
        }),
      onFailure: (error) => failures.push(error),
    },
    stop.signal,
  );
  return { clock, fence, reads, failures };
}

describe('a fence', () => {
  test('lets its own generation go on', async () => {
    const { fence, reads } = aFence();
    const verified = fence.verify();

    reads[0]!.end(pointer());

    expect(await verified).toBe(true);
    expect(fence.ended.aborted).toBe(false);
  });

  test.each([
    ['another generation counts', pointer({ generation: 4 })],
    ['the subscription is paused', pointer({ isPaused: true })],
    ['there is no pointer any more', null],
  ])('ends the walk when %s, and reads no more', async (_title, row) => {
    const { fence, reads } = aFence();
    const verified = fence.verify();
    reads[0]!.end(row);

    expect(await verified).toBe(false);
    expect(fence.ended.aborted).toBe(true);
    expect(await fence.verify()).toBe(false);
    expect(reads.length).toBe(1);
  });

  test('answers by a read begun after the call, which all calls meanwhile share', async () => {
    const { clock, fence, reads } = aFence();
    const first = fence.verify();
    const during = [fence.verify(), fence.verify()];
    reads[0]!.end(pointer());
    expect(await first).toBe(true);
    await clock.advanceBy(0);
    const after = fence.verify();
    expect(reads.length).toBe(2);

    reads[1]!.end(pointer({ generation: 4 }));

    expect(await Promise.all(during)).toEqual([false, false]);
    expect(await after).toBe(false);
  });

  test('reads anew for a call that comes after the last answer', async () => {
    const { fence, reads } = aFence();
    const first = fence.verify();
    reads[0]!.end(pointer());
    await first;

    const second = fence.verify();
    reads[1]!.end(pointer());

    expect(await second).toBe(true);
  });

  test('reads again after a failure, ever more slowly, and says each', async () => {
    const { clock, fence, reads, failures } = aFence();
    const verified = fence.verify();
    reads[0]!.end(new Error('throttled'));
    await clock.advanceBy(99);
    expect(reads.length).toBe(1);
    await clock.advanceBy(1);
    reads[1]!.end(new Error('throttled'));
    await clock.advanceBy(199);
    expect(reads.length).toBe(2);
    await clock.advanceBy(1);

    reads[2]!.end(pointer());

    expect(await verified).toBe(true);
    expect(failures.map(String)).toEqual(['Error: throttled', 'Error: throttled']);
  });

  test('verifies nothing more once the walk is stopped, and leaves no timer behind', async () => {
    const stop = new AbortController();
    const { clock, fence, reads } = aFence(stop);
    const verified = fence.verify();
    reads[0]!.end(new Error('throttled'));
    await clock.advanceBy(0);

    stop.abort();

    expect(await verified).toBe(false);
    expect(await fence.verify()).toBe(false);
    expect([reads.length, clock.pending()]).toEqual([1, 0]);
    expect(fence.ended.aborted).toBe(false);
    await clock.advanceBy(10 * SECOND);
  });
});
