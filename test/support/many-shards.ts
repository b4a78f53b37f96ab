import type { LeaseRow } from '../../shared/core/lease.ts';
import { afterSequenceNumber, atSequenceNumber, shardEnd } from '../../shared/core/position.ts';
import type { ShardMapRows } from '../../shared/core/shard-map.ts';
import type { StreamRow } from '../../shared/core/subscription.ts';
import { simulatedRandom } from '../../shared/testing/simulated-random.ts';
import { HOUR, MINUTE, SECOND } from './durations.ts';
import { aGap, aLease, aSlot } from './shards.ts';

/** The moment at which the maps of tests are drawn. */
export const MAP_MS = Date.UTC(2026, 2, 14, 15, 9, 26);

const GENERATION = 4 * HOUR;

export const aStreamRow = (changes: Partial<StreamRow> = {}): StreamRow => ({
  kind: 'stream',
  revision: 0,
  generation: 1,
  stream: { arn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/label', createdAtMs: MAP_MS - 90 * HOUR },
  isReplacement: false,
  isFirstListingComplete: true,
  listedAtMs: MAP_MS - 20 * SECOND,
  isDrained: false,
  ...changes,
});

/**
 * The shards of a table with so many partitions, six generations of them, as they are after some trouble: one is
 * halted at a gap, one has been stuck for long and its children wait, one has children that are not visible yet, one is
 * read by nobody, one has passed a gap, and the others are more or less caught up.
 */
export function manyShards(partitions: number, seed = 1): ShardMapRows {
  const random = simulatedRandom(seed);
  const rows = new Map<string, LeaseRow>();
  const put = (row: LeaseRow): LeaseRow => {
    rows.set(row.shardId, row);
    return row;
  };
  const shardId = (createdAtMs: number): string =>
    `shardId-${String(createdAtMs).padStart(20, '0')}-${random.whole(0, 0xffff_ffff).toString(16).padStart(8, '0')}`;
  const sequenceNumber = (): string => `${random.whole(100, 999)}000000000${random.whole(10_000_000, 99_999_999)}`;
  const worker = (): string => random.pick(['walk-a', 'walk-b', 'walk-c']);

  for (let partition = 0; partition < partitions; partition++) {
    const rolledMs = MAP_MS - random.whole(10 * MINUTE, 3 * HOUR);
    let parent: LeaseRow | null = null;
    for (let age = 5; age >= 0; age--) {
      const createdAtMs = rolledMs - age * GENERATION;
      const isLast = age === 0;
      const isStuck = partition === 1 && age === 1;
      const isWaiting = partition === 1 && isLast;
      const finishedAtMs = createdAtMs + GENERATION + 2 * SECOND;
      const row: LeaseRow = aLease({
        shardId: shardId(createdAtMs),
        parents: parent === null ? [] : [parent.shardId],
        epoch: isWaiting ? 0 : random.whole(1, 40),
        position: atSequenceNumber(sequenceNumber()),
        ...(isLast || isStuck ? {} : { position: shardEnd(), children: 'stored', finishedAtMs }),
        ...(isLast && !isWaiting ? reading(partition, worker(), sequenceNumber(), random.whole(0, 40) * SECOND) : {}),
        ...(isStuck
          ? {
              position: afterSequenceNumber(sequenceNumber()),
              owner: worker(),
              expiresAtMs: MAP_MS + 40 * SECOND,
              lastRecordAtMs: rolledMs - 2 * HOUR - 25 * MINUTE,
              attempts: 41,
            }
          : {}),
      });
      parent = put(row);
    }
    if (partition === 1 && parent !== null) {
      for (let child = 0; child < 2; child++) {
        put(
          aLease({
            shardId: shardId(rolledMs + 5 * MINUTE),
            parents: [parent.shardId],
            position: atSequenceNumber('1'),
          }),
        );
      }
    }
  }
  const slots = ['walk-a', 'walk-b', 'walk-c'].map((owner, number) => aSlot({ worker: number, owner }));
  const moment = { nowMs: MAP_MS, stream: aStreamRow() };
  return { subscription: 'orders-abroad', rows, slots, moment, isPaused: false };
}

/** The newest shard of a partition: each of the first few is in trouble of its own. */
function reading(partition: number, owner: string, sequenceNumber: string, agoMs: number): Partial<LeaseRow> {
  const held = { position: afterSequenceNumber(sequenceNumber), owner, expiresAtMs: MAP_MS + 30 * SECOND };
  switch (partition) {
    case 2:
      return {
        ...held,
        owner: null,
        lastRecordAtMs: MAP_MS - 7 * HOUR,
        gap: aGap({
          status: 'halted',
          after: 'after-sequence-number(400000000012345678)',
          detectedAtMs: MAP_MS - HOUR,
        }),
      };
    case 3:
      return { ...held, owner: null, caughtUpAtMs: MAP_MS - 95 * SECOND };
    case 4:
      return {
        position: shardEnd(),
        children: 'not-visible',
        finishedAtMs: MAP_MS - 9 * SECOND,
        lastRecordAtMs: MAP_MS - 50 * SECOND,
      };
    case 5:
      return { ...held, lastRecordAtMs: MAP_MS - 14 * MINUTE, gap: aGap({ detectedAtMs: MAP_MS - 20 * MINUTE }) };
    case 6:
      return { ...held, lastRecordAtMs: MAP_MS - 3 * MINUTE, attempts: 3 };
    default:
      return { ...held, caughtUpAtMs: MAP_MS - agoMs };
  }
}
