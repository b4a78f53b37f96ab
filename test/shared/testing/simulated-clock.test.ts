import { expect, test } from 'vitest';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';

test('sleeps end in the order of their times, and in the order of asking at the same time', async () => {
  const clock = simulatedClock(0);
  const woken: string[] = [];
  for (const [name, ms] of Object.entries({ late: 20, first: 10, second: 10, now: 0 })) {
    void clock.sleep(ms).then(() => woken.push(`${name} at ${clock.nowMs()}`));
  }

  await clock.advanceTo(30);

  expect(woken).toEqual(['now at 0', 'first at 10', 'second at 10', 'late at 20']);
  expect(clock.nowMs()).toBe(30);
});

test('all promises settle before the next event', async () => {
  const clock = simulatedClock(0);
  const order: string[] = [];
  clock.after(1, () => {
    void (async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      order.push('fifty awaits later');
    })();
  });
  clock.after(1, () => order.push('next event'));

  await clock.advanceTo(1);

  expect(order).toEqual(['fifty awaits later', 'next event']);
});

test('an aborted sleep ends at once and leaves no event behind', async () => {
  const clock = simulatedClock(0);
  const stop = new AbortController();
  const sleep = clock.sleep(1_000, stop.signal);
  stop.abort();

  await sleep;

  expect([clock.nowMs(), clock.pending()]).toEqual([0, 0]);
});

test('a sleep under an aborted signal does not begin', async () => {
  const clock = simulatedClock(0);

  await clock.sleep(1_000, AbortSignal.abort());

  expect(clock.pending()).toBe(0);
});

test('a dropped event does not run', async () => {
  const clock = simulatedClock(0);
  let ran = false;
  const drop = clock.after(5, () => {
    ran = true;
  });
  drop();

  await clock.advanceTo(10);

  expect(ran).toBe(false);
});

test('it stops at the event that makes a condition true', async () => {
  const clock = simulatedClock(0);
  let count = 0;
  for (const ms of [1, 2, 3]) clock.after(ms, () => count++);

  expect(await clock.advanceUntil(() => count === 2, 100)).toBe(true);
  expect(clock.nowMs()).toBe(2);
  expect(await clock.advanceUntil(() => count === 9, 100)).toBe(false);
  expect(clock.nowMs()).toBe(100);
});

test('ten thousand events keep their order', async () => {
  const clock = simulatedClock(0);
  const times: number[] = [];
  for (let i = 0; i < 10_000; i++) clock.after((i * 7919) % 10_007, () => times.push(clock.nowMs()));

  await clock.advanceTo(10_007);

  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times).toHaveLength(10_000);
});
