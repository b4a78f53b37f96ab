import { describe, expect, test } from 'vitest';
import type { CurrentStream, Page, Source } from '../../../shared/core/ports.ts';
import { scanStream } from '../../../shared/core/scan.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { provenScan } from '../../../shared/walker/scan-proof.ts';
import { SECOND } from '../../support/durations.ts';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-01-01T00:00:00.000';
const SCAN = scanStream(ARN, 1);
const AT_MS = Date.parse('2026-01-01T00:00:00.000Z');
const PRESENT = { kind: 'stream', stream: { arn: ARN, createdAtMs: AT_MS }, open: true } as const;
const LATER: CurrentStream = { ...PRESENT, stream: { arn: 'arn:later', createdAtMs: AT_MS + 1 } };
const PAGE = { kind: 'page', records: [], next: 'next' } as const;

/** A scan whose pages, and looks at its table, take so long, and whose table has the stream that it is told. */
function aScan({ pageMs = 0, lookMs = 0, page = PAGE as Page } = {}) {
  const clock = simulatedClock();
  const beganAtMs = clock.nowMs();
  const calls: string[] = [];
  let present: CurrentStream = PRESENT;
  const note = (call: string): void => void calls.push(`${clock.nowMs() - beganAtMs} ${call}`);
  const plain = {
    read: async () => {
      await clock.sleep(pageMs);
      note('read');
      return page;
    },
  } as Partial<Source> as Source;
  const look = async (): Promise<CurrentStream> => {
    note('look');
    const seen = present;
    await clock.sleep(lookMs);
    return seen;
  };
  const scan = provenScan(plain, look, clock);
  const read = async (iterator = 'here'): Promise<Page> => {
    const reading = scan.read(SCAN, iterator);
    await clock.advanceBy(SECOND);
    return reading;
  };
  const has = (stream: CurrentStream): void => {
    present = stream;
  };
  return { clock, calls, scan, read, has };
}

describe('a page of a scan', () => {
  test('is handed over where the table has the run’s stream after it was read', async () => {
    const { read, calls, scan } = aScan({ pageMs: 50 });

    expect(await read()).toEqual(PAGE);
    expect(calls).toEqual(['50 read', '50 look']);
    expect(scan.isStreamOver?.()).toBe(false);
  });

  test.each<[string, CurrentStream]>([
    ['a later stream', LATER],
    ['its stream turned off', { ...PRESENT, open: false }],
  ])('is refused where the table has %s by then, and no other is read', async (_, stream) => {
    const { read, scan, has, calls } = aScan();
    has(stream);

    expect(await read()).toMatchObject({ kind: 'failed', message: expect.stringContaining(ARN) });
    expect(scan.isStreamOver?.()).toBe(true);

    has(PRESENT);
    expect(await read()).toMatchObject({ kind: 'failed' });
    expect(calls).toEqual(['0 read', '0 look']);
  });

  test.each<[string, CurrentStream]>([
    ['cannot be described', { kind: 'failed', reason: 'throttled', message: 'slow down' }],
    ['is not there', { kind: 'no-table', message: 'there is no table orders' }],
    ['has no stream', { kind: 'no-stream', message: 'the table orders has no stream' }],
    ['has one of before', { kind: 'stream', stream: { arn: 'arn:before', createdAtMs: AT_MS - 1 }, open: false }],
  ])('waits while the table %s: that proves nothing', async (_, stream) => {
    const { read, scan, has } = aScan();
    has(stream);

    expect(await read()).toMatchObject({ kind: 'failed', message: expect.any(String) });
    expect(scan.isStreamOver?.()).toBe(false);

    has(PRESENT);
    expect(await read()).toEqual(PAGE);
  });

  test('needs no look while there is none, as where capacity is waited for', async () => {
    const { read, calls } = aScan();

    expect(await read('next')).toEqual(PAGE);
    expect(calls).toEqual(['0 read']);
  });

  test('of the end of a segment needs one, though it has no items: another table may be empty', async () => {
    const { read, has } = aScan({ page: { kind: 'page', records: [], next: null } });
    has(LATER);

    expect(await read()).toMatchObject({ kind: 'failed' });
  });

  test('shares its look with those that were read before it began, four a second', async () => {
    const { clock, scan, calls } = aScan();
    const reading = async (eachMs: number): Promise<void> => {
      for (;;) {
        await scan.read(SCAN, 'here');
        await clock.sleep(eachMs);
      }
    };
    for (let segment = 1; segment <= 20; segment++) void reading(segment);

    await clock.advanceBy(10 * SECOND);

    const [looks, reads] = ['look', 'read'].map((what) => calls.filter((call) => call.endsWith(what)).length);
    expect(looks).toBeGreaterThan(35);
    expect(looks).toBeLessThanOrEqual(41);
    expect(reads).toBeGreaterThan(20 * 35);
  });

  test('is not proven by a look that began before it was read', async () => {
    const { clock, scan, has } = aScan({ lookMs: 5 * SECOND });
    const first = scan.read(SCAN, 'here');
    await clock.advanceBy(SECOND);
    has(LATER);
    const second = scan.read(SCAN, 'there');

    await clock.advanceBy(10 * SECOND);

    expect(await first).toEqual(PAGE);
    expect(await second).toMatchObject({ kind: 'failed' });
  });
});
