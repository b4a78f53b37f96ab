import type { SimulatedRecord } from '../../../shared/testing/simulated-record.ts';
import type { SimulatedShard } from '../../../shared/testing/simulated-stream.ts';
import type { Invoke } from './sandboxes.ts';
import type { ParkingWorld } from './world.ts';

/**
 * Delivers every shard as an event source mapping does: parents before children, one stream after the other, as many
 * batches of one shard at once as its parallelization factor says, each with its own items, again until it is settled.
 */
export function startMapping(world: ParkingWorld, invoke: Invoke): void {
  const { clock, scenario, stream, random, trace } = world;
  const finished = new Set<string>();
  const begun = new Set<string>();

  const deliver = async (records: readonly SimulatedRecord[]): Promise<void> => {
    for (let rest = records, attempt = 0; rest.length > 0; attempt += 1) {
      if (attempt > 0) await clock.sleep(Math.min(10_000, 100 * 2 ** attempt));
      const answer = await invoke('batch', { Records: rest.map(({ event }) => event) });
      const isLost = random.chance(world.faults().lostAnswer);
      if (isLost) trace(() => `the answer is LOST`);
      rest = answer === null || isLost ? rest : rest.slice(settledOf(rest, answer.batchItemFailures));
    }
  };
  const deliverShard = async (shard: SimulatedShard): Promise<void> => {
    for (let at = 0; ; ) {
      const records = shard.records.slice(at, at + scenario.batchSize);
      if (records.length > 0) {
        const lanes = Map.groupBy(records, ({ key }) => Number(key.slice(5)) % scenario.parallelizationFactor);
        await Promise.all([...lanes.values()].map(deliver));
        at += records.length;
        if (random.chance(world.faults().replay)) at = Math.max(0, at - random.whole(1, 10));
      } else if (shard.closedAtMs !== null) break;
      else await clock.sleep(random.whole(50, 500));
    }
    finished.add(shard.shardId);
  };
  const isReady = (shard: SimulatedShard, earlier: readonly SimulatedShard[]) =>
    [...shard.parents, ...earlier.map(({ shardId }) => shardId)].every((shardId) => finished.has(shardId));
  const look = () => {
    const earlier: SimulatedShard[] = [];
    for (const life of stream.lives) {
      const shards = [...life.shards.values()];
      for (const shard of shards) {
        if (begun.has(shard.shardId) || !isReady(shard, earlier)) continue;
        begun.add(shard.shardId);
        void deliverShard(shard);
      }
      earlier.push(...shards);
    }
    clock.after(200, look);
  };
  look();
}

function settledOf(
  records: readonly SimulatedRecord[],
  failures: readonly { readonly itemIdentifier: string }[],
): number {
  const [first] = failures;
  if (first === undefined) return records.length;
  return Math.max(
    0,
    records.findIndex(({ sequenceNumber }) => sequenceNumber === first.itemIdentifier),
  );
}
