import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Writes to random items at random times until it is calm. The result counts the records that the stream carries. */
export function scheduleWriters(world: World, scenario: Scenario): () => number {
  const { clock, startMs, random, stream, ledger, trace, isCalm } = world;
  const { items, writeEveryMs } = scenario;
  let records = 0;
  let version = 0;
  const write = () => {
    if (isCalm()) return;
    const key = `item-${random.whole(1, items)}`;
    const record = random.chance(0.1) ? stream.remove(key) : stream.write(key, { version: { N: String(++version) } });
    if (record) {
      records++;
      ledger.recordWritten(record);
      trace(() => `${record.event.eventName} ${key} is ${record.sequenceNumber} of ${record.shardId}`);
    }
    const outage = world.outage();
    const isOutage = outage !== null && clock.nowMs() - startMs < outage.untilMs - 10 * MINUTE_MS;
    const meanMs = isOutage ? HOUR_MS : writeEveryMs;
    clock.after(Math.ceil(-Math.log(1 - random.next()) * meanMs), write);
  };
  clock.after(random.whole(0, 2_000), write);
  return () => records;
}
