import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { type RollingDynamoDbLocal, startRollingDynamoDbLocal } from '../support/dynamodb-local-rollover.ts';
import { type ItemWrites, writeItems } from '../support/integration/item-writes.ts';
import { until } from '../support/integration/walk-runner.ts';
import { walkedTable } from '../support/integration/walked-table.ts';

const TABLES = 3;
const WORKERS = 2;
const ITEMS = 100;
/** Changes that wait when the walkers begin, in three generations of shards. */
const EARLY = { parts: 3, rounds: 6 };
/** Changes and roll-overs while walkers are killed. */
const LATE = { rounds: 50, rollOvers: 4, kills: 20 };
const ROUNDS = EARLY.parts * EARLY.rounds + LATE.rounds;

let engine: RollingDynamoDbLocal;
beforeAll(async () => {
  engine = await startRollingDynamoDbLocal();
});
afterAll(() => engine?.stop());

test('walkers that are killed 20 times while shards roll over lose none of 20,400 changes and keep the order of each item', async () => {
  const seed = Date.now() % 1_000_000;
  const random = simulatedRandom(seed);
  const tables = await Promise.all(Array.from({ length: TABLES }, () => walkedTable(engine, random.fork())));
  const write = (writes: ItemWrites) =>
    Promise.all(tables.map(({ dynamodb, tableName }) => writeItems(dynamodb, tableName, writes)));
  for (let part = 0; part < EARLY.parts; part++) {
    if (part > 0) await engine.rollOver();
    await write({ items: ITEMS, fromRound: part * EARLY.rounds, rounds: EARLY.rounds });
  }

  const watches = tables.map((table) => table.watch());
  const workers = tables.map((table) => table.startWorkers(WORKERS));
  onTestFinished(() => Promise.all(workers.flat().map((worker) => worker.stop())).then(() => {}));
  const pause = () => sleep(random.whole(200, 700));
  const writing = write({ items: ITEMS, fromRound: EARLY.parts * EARLY.rounds, rounds: LATE.rounds, pause });
  const rolling = (async () => {
    for (let n = 0; n < LATE.rollOvers; n++) {
      await sleep(random.whole(3_000, 7_000));
      await engine.rollOver();
    }
  })();
  for (let n = 0; n < LATE.kills; n++) {
    await sleep(random.whole(200, 1_200));
    const victim = random.whole(0, TABLES - 1);
    // Most kills are to leave a delivery behind that runs on, and outlasts a lease that was not stored to cover it.
    if (n % 4 > 0) await tables[victim]?.longDelivery(2_000);
    await workers[victim]?.[random.whole(0, WORKERS - 1)]?.kill();
  }
  await Promise.all([writing, rolling]);
  const arrived = () => tables.map(({ ledger }) => ledger.changes());
  await until(
    () => arrived().every((changes) => changes >= ITEMS * ROUNDS),
    () => `seed ${seed}: ${arrived()} changes had arrived`,
    60_000,
  );

  for (const [n, { ledger, leases }] of tables.entries()) {
    const place = `table ${n}, seed ${seed}`;
    await watches[n]?.stop();
    expect(ledger.missing(ITEMS, ROUNDS), place).toEqual([]);
    expect(ledger.outOfOrder, place).toEqual([]);
    expect(ledger.overlaps, place).toEqual([]);
    expect(watches[n]?.backwards, place).toEqual([]);
    expect(watches[n]?.premature(ledger.settledAtMs), place).toEqual([]);
    expect((await leases()).length, place).toBe(EARLY.parts + LATE.rollOvers);
  }
  const repeats = tables.reduce((sum, { ledger }) => sum + ledger.records() - ledger.changes(), 0);
  expect(repeats, 'what a kill interrupted is delivered again').toBeGreaterThan(0);
}, 180_000);
