import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { payPage, readCapacity, takePage } from '../../../shared/core/read-capacity.ts';
import { SECOND } from '../../support/durations.ts';

const NOW = 1_000 * SECOND;

describe('a bound of capacity', () => {
  test('lets the first page have what may be items of 400 KB', () => {
    expect(takePage(readCapacity(500), NOW)).toMatchObject({ kind: 'page', limit: 5, booked: 256 });
    expect(takePage(readCapacity(5), NOW)).toMatchObject({ kind: 'page', limit: 1, booked: 100 });
  });

  test('learns from a page what the next may have: about what a second pays for', () => {
    const learned = payPage(readCapacity(50), 0, 2, 8);

    expect(takePage(learned, NOW)).toMatchObject({ kind: 'page', limit: 200, booked: 50 });
  });

  test('learns nothing from a page without items', () => {
    expect(payPage(readCapacity(50), 0, 1, 0).unitsPerItem).toBe(100);
  });

  test('lets nobody read before what was read is paid for', () => {
    const first = takePage(readCapacity(100), NOW);
    if (first.kind !== 'page') throw new Error('nothing was read before');
    const paid = payPage(first.next, first.booked, 250, 10);

    expect(takePage(paid, NOW)).toEqual({ kind: 'wait', ms: 1_500 });
    expect(takePage(paid, NOW + 1_499)).toEqual({ kind: 'wait', ms: 1 });
    expect(takePage(paid, NOW + 1_500)).toMatchObject({ kind: 'page' });
  });

  test('is kept over any time, whoever asks when, but for a page and a second', () => {
    const steps = fc.array(
      fc.record({
        waitMs: fc.nat(3_000),
        items: fc.nat(50),
        unitsPerItem: fc.double({ min: 0.1, max: 100, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5_000 }), (asked, unitsPerSecond) => {
        let capacity = readCapacity(unitsPerSecond);
        let [nowMs, total, largest] = [NOW, 0, 0];
        for (const { waitMs, items, unitsPerItem } of asked) {
          nowMs += waitMs;
          const turn = takePage(capacity, nowMs);
          if (turn.kind === 'wait') continue;
          const read = Math.min(items, turn.limit);
          const units = Math.min(256, read * unitsPerItem);
          capacity = payPage(turn.next, turn.booked, units, read);
          total += units;
          largest = Math.max(largest, units);
        }
        expect(total).toBeLessThanOrEqual(((nowMs - NOW) / SECOND + 1) * unitsPerSecond + largest + 0.001);
      }),
    );
  });
});
