import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createStreamedTable, sharedDynamoDbLocal } from '../support/dynamodb-local.ts';
import { deliveryLedger } from '../support/integration/delivery-ledger.ts';
import { writeItems } from '../support/integration/item-writes.ts';
import { watchPositions } from '../support/integration/position-watch.ts';
import { createStateTable, firstGeneration, requestInput, startWalk } from '../support/integration/walk-runner.ts';

const ITEMS = 200;
const ROUNDS = 20;
const LANES = 10;

test('ten lanes deliver a shard at once, keep the order of each item, and store no position that one of them has not reached', async () => {
  const engine = await sharedDynamoDbLocal();
  const table = await createStreamedTable(engine.dynamodb);
  const stateTable = await createStateTable(engine);
  await writeItems(engine.dynamodb, table.tableName, { items: ITEMS, fromRound: 0, rounds: ROUNDS });
  const ledger = deliveryLedger();
  let most = 0;
  const request = requestInput(stateTable, table.tableName, {
    ...{ parallelizationFactor: LANES, batchSize: 20, leaseDurationMs: 1_000 },
  });
  const start = () =>
    startWalk({
      engine,
      request,
      handler: async (event) => {
        const end = ledger.begin(event);
        most = Math.max(most, ledger.inFlight());
        // A slow delivery holds the position while the other lanes go on.
        await sleep(ledger.deliveries() % 17 === 0 ? 400 : 10);
        end();
      },
    });

  const first = start();
  const watch = watchPositions(first.state, firstGeneration(table));
  await first.until(() => ledger.changes() >= (ITEMS * ROUNDS) / 3);
  await start().until(() => ledger.changes() >= ITEMS * ROUNDS);
  await watch.stop();

  expect(most).toBe(LANES);
  expect(ledger.missing(ITEMS, ROUNDS)).toEqual([]);
  expect(ledger.outOfOrder).toEqual([]);
  expect(ledger.overlaps).toEqual([]);
  expect(watch.backwards).toEqual([]);
  expect(watch.premature(ledger.settledAtMs)).toEqual([]);
}, 120_000);
