import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { deliveryLedger } from '../support/integration/delivery-ledger.ts';
import { everySource } from '../support/integration/every-source.ts';
import { changesIn } from '../support/integration/kinesis-events.ts';
import { watchPositions } from '../support/integration/position-watch.ts';

const ITEMS = 500;
const ROUNDS = 20;
const CHANGES = ITEMS * ROUNDS;

describe.each(everySource())('%s', (_name, subscribed) => {
  test('10,000 changes of 500 items all arrive, in order per item, while the walker is stopped and started three times', async () => {
    const { writeAll, key, start: begin } = await subscribed({ leaseDurationMs: 2_000, batchSize: 37 }, { speed: 1 });
    const ledger = deliveryLedger();
    const start = () => begin({}, (event) => handled(ledger.begin(changesIn(event))));

    let walk = start();
    const watch = watchPositions(walk.state, await key());
    const writing = writeAll({ items: ITEMS, fromRound: 0, rounds: ROUNDS });
    const stops: string[] = [];
    for (const share of [0.1, 0.35, 0.6]) {
      await walk.reaches(() => ledger.changes() >= CHANGES * share);
      const summary = await walk.stop();
      stops.push(summary.reason);
      walk = start();
    }
    await writing;
    await walk.until(() => ledger.changes() >= CHANGES);
    await watch.stop();

    expect(stops).toEqual(['stopped', 'stopped', 'stopped']);
    expect(ledger.missing(ITEMS, ROUNDS)).toEqual([]);
    expect(ledger.outOfOrder).toEqual([]);
    expect(ledger.overlaps).toEqual([]);
    expect(watch.backwards).toEqual([]);
    expect(watch.premature(ledger.settledAtMs)).toEqual([]);
    expect(watch.positions()).toBeGreaterThanOrEqual(4);
  }, 300_000);
});

/** A handler that takes its time, so that a stop finds deliveries under way. */
async function handled(end: () => void): Promise<void> {
  await sleep(3);
  end();
}
