import { expect, test } from 'vitest';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { pacer } from '../../../shared/walker/pacer.ts';
import { SECOND } from '../../support/durations.ts';

const never = new AbortController().signal;

/** Asks for turns all at once: when each came. */
async function turnsAt(count: number, intervalMs: number): Promise<readonly number[]> {
  const clock = simulatedClock(0);
  const pace = pacer(clock, intervalMs);
  const turns = Array.from({ length: count }, () => pace.turn(never).then(() => clock.nowMs()));
  await clock.advanceBy(100 * SECOND);
  return Promise.all(turns);
}

test('turns that are asked for at once come one an interval, the first at once', async () => {
  expect(await turnsAt(4, 500)).toEqual([0, 500, 1_000, 1_500]);
});

test('a turn long after the last comes at once, and nothing was saved up meanwhile', async () => {
  const clock = simulatedClock(0);
  const pace = pacer(clock, 500);
  await pace.turn(never);
  await clock.advanceTo(10 * SECOND);

  const turns = [pace.turn(never), pace.turn(never)].map((turn) => turn.then(() => clock.nowMs()));
  await clock.advanceBy(SECOND);

  expect(await Promise.all(turns)).toEqual([10_000, 10_500]);
});

test('a turn waits for all that were given away ahead of it', async () => {
  const clock = simulatedClock(0);
  const pace = pacer(clock, 500);
  expect(pace.waitMs()).toBe(0);

  const turns = [pace.turn(never), pace.turn(never), pace.turn(never)];
  expect(pace.waitMs()).toBe(1_500);

  await clock.advanceBy(501);
  expect(pace.waitMs()).toBe(999);
  await clock.advanceBy(10 * SECOND);
  expect(pace.waitMs()).toBe(0);
  await Promise.all(turns);
});

test('more workers make the interval longer, from the next turn on', async () => {
  const clock = simulatedClock(0);
  const pace = pacer(clock, 500);
  await pace.turn(never);
  pace.setIntervalMs(1_500);

  const turns = [pace.turn(never), pace.turn(never)].map((turn) => turn.then(() => clock.nowMs()));
  await clock.advanceBy(10 * SECOND);

  expect(await Promise.all(turns)).toEqual([500, 2_000]);
});

test('a turn that is given up before it comes is none', async () => {
  const clock = simulatedClock(0);
  const pace = pacer(clock, 500);
  const impatient = new AbortController();
  await pace.turn(never);
  const turn = pace.turn(impatient.signal);

  impatient.abort();

  expect(await turn).toBe(false);
  expect(clock.pending()).toBe(0);
});
