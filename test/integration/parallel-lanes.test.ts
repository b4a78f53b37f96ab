import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { deliveryLedger } from '../support/integration/delivery-ledger.ts';
import { everySource } from '../support/integration/every-source.ts';
import { changesIn } from '../support/integration/kinesis-events.ts';
import { watchPositions } from '../support/integration/position-watch.ts';

const ITEMS = 200;
const ROUNDS = 20;
const LANES = 10;

describe.each(everySource())('%s', (_name, subscribed) => {
  test('ten lanes deliver a shard at once, keep the order of each item, and store no position that one of them has not reached', async () => {
    const {
      writeAll,
      key,
      start: begin,
    } = await subscribed({ parallelizationFactor: LANES, batchSize: 20, leaseDurationMs: 1_000 }, { speed: 1 });
    await writeAll({ items: ITEMS, fromRound: 0, rounds: ROUNDS });
    const ledger = deliveryLedger();
    let most = 0;
    const start = () =>
      begin({}, async (event) => {
        const end = ledger.begin(changesIn(event));
        most = Math.max(most, ledger.inFlight());
        // A slow delivery holds the position while the other lanes go on.
        await sleep(ledger.deliveries() % 17 === 0 ? 400 : 10);
        end();
      });

    const first = start();
    const watch = watchPositions(first.state, await key());
    await first.until(() => ledger.changes() >= (ITEMS * ROUNDS) / 3);
    await start().until(() => ledger.changes() >= ITEMS * ROUNDS);
    await watch.stop();

    expect(most).toBe(LANES);
    expect(ledger.missing(ITEMS, ROUNDS)).toEqual([]);
    expect(ledger.outOfOrder).toEqual([]);
    expect(ledger.overlaps).toEqual([]);
    expect(watch.backwards).toEqual([]);
    expect(watch.premature(ledger.settledAtMs)).toEqual([]);
  }, 300_000);
});
