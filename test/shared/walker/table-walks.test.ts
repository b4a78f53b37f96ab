import { describe, expect, test } from 'vitest';
import type { TableRow } from '../../../shared/core/table-registry.ts';
import type { WalkSummary } from '../../../shared/core/walk-event.ts';
import { simulatedClock } from '../../../shared/testing/simulated-clock.ts';
import { tableWalks } from '../../../shared/walker/table-walks.ts';
import { wakeOn } from '../../../shared/walker/wake.ts';
import { MINUTE, SECOND } from '../../support/durations.ts';

const aRow = (n: number, changes: Partial<TableRow> = {}): TableRow => ({
  ...{ revision: 0, region: 'eu-west-1', tableName: `table-${n}`, tableId: `life-${n}` },
  ...{ state: 'active', reason: 'it matches', foundAtMs: 0, sinceMs: 0, stream: { arn: `arn-${n}`, createdAtMs: 0 } },
  ...changes,
});
const rows = (count: number): readonly TableRow[] => Array.from({ length: count }, (_, n) => aRow(n));

/** Walks that last as long as they are told, or until they are stopped. */
function someWalks(most: number, lastsMs: number, reason: WalkSummary['reason'] = 'idle') {
  const clock = simulatedClock(0);
  const begun: string[] = [];
  let running = 0;
  let mostAtOnce = 0;
  const walks = tableWalks({
    clock,
    wake: wakeOn(clock),
    most,
    walk: async (row, stop) => {
      begun.push(`${row.tableName} ${row.state} at ${clock.nowMs() / SECOND}`);
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await clock.sleep(lastsMs, stop);
      running -= 1;
      return stop.aborted ? 'stopped' : reason;
    },
  });
  /** Looks every five seconds, as a walk does. */
  const look = async (kept: readonly TableRow[], forMs: number): Promise<void> => {
    for (let ms = 0; ms < forMs; ms += 5 * SECOND) {
      walks.keep(kept);
      await clock.advanceBy(5 * SECOND);
    }
  };
  return { clock, walks, begun, look, running: () => running, mostAtOnce: () => mostAtOnce };
}

describe("a worker's tables", () => {
  test('are walked side by side, and those without work again every minute, all at once', async () => {
    const { look, begun } = someWalks(10, 20 * SECOND);

    await look(rows(2), 2 * MINUTE);

    expect(begun).toEqual([
      'table-0 active at 0',
      'table-1 active at 0',
      'table-0 active at 60',
      'table-1 active at 60',
    ]);
  });

  test('are idle when all have been walked and nothing is due', async () => {
    const { look, walks } = someWalks(10, 20 * SECOND);
    expect(walks.areIdle()).toBe(true);

    await look(rows(2), 15 * SECOND);
    expect(walks.areIdle()).toBe(false);

    await look(rows(2), 15 * SECOND);
    expect(walks.areIdle()).toBe(true);
    walks.keep(rows(3));
    expect(walks.areIdle()).toBe(false);
  });

  test('that are more than it walks at once take turns, of which none is left out', async () => {
    const { look, begun, mostAtOnce } = someWalks(3, 60 * MINUTE);

    await look(rows(8), 4 * MINUTE);

    expect(mostAtOnce()).toBe(3);
    expect(new Set(begun.map((one) => one.split(' ')[0])).size).toBe(8);
  });

  test('are let go when they are another worker’s, and walked anew when they have become another thing', async () => {
    const { look, begun, running } = someWalks(10, 60 * MINUTE);
    await look(rows(2), 5 * SECOND);

    await look([aRow(1)], 5 * SECOND);
    expect(running()).toBe(1);

    await look([aRow(1, { state: 'vanished' })], 10 * SECOND);
    expect(begun.at(-1)).toBe('table-1 vanished at 15');
  });

  test('that another worker still holds are tried again soon', async () => {
    const { look, begun } = someWalks(10, 0, 'slot-held');

    await look(rows(1), 11 * SECOND);

    expect(begun).toEqual(['table-0 active at 0', 'table-0 active at 5', 'table-0 active at 10']);
  });

  test('leave nothing behind when all are stopped', async () => {
    const { look, walks, clock, running } = someWalks(10, 60 * MINUTE);
    await look(rows(4), 5 * SECOND);

    await walks.stopAll();
    walks.keep(rows(4));

    expect(running()).toBe(0);
    expect(clock.pending()).toBe(0);
  });
});
