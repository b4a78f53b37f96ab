import { expect, test } from 'vitest';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { wakeOn } from '../../../shared/walker/wake.ts';
import { SECOND } from '../../support/durations.ts';

test('a wait ends after its time', async () => {
  const clock = simulatedClock(0);
  const waited = wakeOn(clock)
    .wait(5 * SECOND)
    .then(() => clock.nowMs());

  await clock.advanceBy(10 * SECOND);

  expect(await waited).toBe(5 * SECOND);
});

test('a notification ends every wait under way, and leaves no timer behind', async () => {
  const clock = simulatedClock(0);
  const wake = wakeOn(clock);
  const waits = [wake.wait(5 * SECOND), wake.wait(9 * SECOND)];

  wake.notify();
  await Promise.all(waits);

  expect([clock.nowMs(), clock.pending()]).toEqual([0, 0]);
});

test('a wait that begins after a notification waits', async () => {
  const clock = simulatedClock(0);
  const wake = wakeOn(clock);
  wake.notify();
  const waited = wake.wait(5 * SECOND).then(() => clock.nowMs());

  await clock.advanceBy(10 * SECOND);

  expect(await waited).toBe(5 * SECOND);
});
