import { expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';

test('now is now', () => {
  const before = Date.now();
  const now = systemClock.nowMs();

  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test('a sleep lasts as long as it is asked for', async () => {
  const start = performance.now();

  await systemClock.sleep(30);

  // Node's timers count whole milliseconds.
  expect(performance.now() - start).toBeGreaterThanOrEqual(29);
});

test('an aborted sleep ends at once and leaves neither a timer nor a listener', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  const abort = new AbortController();
  const listening = new EventTarget();
  const signal = Object.assign(listening, { aborted: false }) as unknown as AbortSignal;
  const removed: string[] = [];
  signal.removeEventListener = (type: string) => void removed.push(type);

  const slept = systemClock.sleep(60_000, abort.signal);
  const heard = systemClock.sleep(60_000, signal);
  expect(timers()).toBe(before + 2);
  abort.abort();
  listening.dispatchEvent(new Event('abort'));
  await Promise.all([slept, heard]);

  expect(timers()).toBe(before);
  expect(removed).toEqual(['abort']);
});

test('a sleep that ends by itself stops listening', async () => {
  const removed: string[] = [];
  const { signal } = new AbortController();
  signal.removeEventListener = (type: string) => void removed.push(type);

  await systemClock.sleep(1, signal);

  expect(removed).toEqual(['abort']);
});

test('a sleep that was aborted before it began does not begin', async () => {
  const start = performance.now();

  await systemClock.sleep(60_000, AbortSignal.abort());

  expect(performance.now() - start).toBeLessThan(1_000);
});
