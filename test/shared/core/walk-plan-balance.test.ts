import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LeaseRow } from '../../../shared/core/lease.ts';
import { planWalk } from '../../../shared/core/walk-plan.ts';
import { aLease } from '../../support/shards.ts';

const NOW = 1_000;

/** Steady workers, and shards that are free, expired, or held by one of them. */
const divisions = fc
  .record({ workers: fc.integer({ min: 1, max: 12 }), shards: fc.integer({ min: 0, max: 60 }) })
  .chain(({ workers, shards }) =>
    fc.record({
      workers: fc.constant(workers),
      holders: fc.oneof(
        fc.array(fc.integer({ min: -2, max: workers - 1 }), { minLength: shards, maxLength: shards }),
        fc.integer({ min: -1, max: workers - 1 }).map((one) => Array.from({ length: shards }, () => one)),
      ),
      isSimultaneous: fc.boolean(),
      turns: fc.infiniteStream(fc.nat()),
    }),
  );

test('steady workers hold at most their share, and everything is held, within three rounds; then nothing moves', () => {
  fc.assert(
    fc.property(divisions, ({ workers, holders, isSimultaneous, turns }) => {
      const owners = Array.from({ length: workers }, (_, worker) => `walk-${worker}`);
      const rows = new Map(
        holders.map((holder, index) => {
          const shardId = `shard-${index}`;
          const owner = holder === -1 ? null : holder === -2 ? 'dead' : owners[holder]!;
          return [shardId, aLease({ shardId, owner, epoch: 1, expiresAtMs: holder === -2 ? NOW : NOW + 1 })];
        }),
      );

      for (let round = 0; round < 3; round++) playRound(rows, owners, isSimultaneous, turns);

      const counts = owners.map((owner) => [...rows.values()].filter((row) => row.owner === owner).length);
      expect(Math.max(...counts)).toBeLessThanOrEqual(Math.ceil(rows.size / workers));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows.size);
      expect(playRound(rows, owners, isSimultaneous, turns)).toBe(0);
    }),
    { numRuns: 500 },
  );
});

/** Every worker plans and acts once, then holders let go of what they were asked for. Gives the number of moves. */
function playRound(
  rows: Map<string, LeaseRow>,
  owners: readonly string[],
  isSimultaneous: boolean,
  turns: fc.Stream<number>,
): number {
  let moves = 0;
  const seenByAll = new Map(rows);
  const rank = new Map(owners.map((owner) => [owner, turns.next().value ?? 0]));
  for (const owner of owners.toSorted((a, b) => rank.get(a)! - rank.get(b)!)) {
    const plan = planWalk(isSimultaneous ? seenByAll : rows, owner, owners.length, NOW, owners);
    for (const { shardId } of plan.claim) {
      const row = rows.get(shardId)!;
      if (row.owner !== null && row.expiresAtMs > NOW) continue;
      rows.set(shardId, { ...row, owner, epoch: row.epoch + 1, expiresAtMs: NOW + 1, claimant: null });
      moves++;
    }
    for (const { shardId, owner: holder } of plan.request) {
      const row = rows.get(shardId)!;
      if (row.owner !== holder || row.claimant !== null) continue;
      rows.set(shardId, { ...row, claimant: owner });
      moves++;
    }
  }
  for (const row of rows.values()) {
    if (row.claimant !== null) rows.set(row.shardId, { ...row, owner: null, expiresAtMs: 0, claimant: null });
  }
  return moves;
}
