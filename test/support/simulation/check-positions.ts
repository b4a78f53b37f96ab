import type { Position } from '../../../shared/core/position.ts';
import type { SimulatedRecord } from '../../../shared/testing/simulated-record.ts';

// Written anew for the checks, with BigInt: what the walker compares with must not judge itself (I7).

/** How many of a shard's records lie before a position, `from` of them being known to. */
export function countBefore(records: readonly SimulatedRecord[], position: Position, from: number): number {
  if (position.at === 'shard-end') return records.length;
  if (!('sequenceNumber' in position)) return from;
  const place = BigInt(position.sequenceNumber);
  let count = from;
  for (; count < records.length; count++) {
    const sequenceNumber = BigInt(records[count]!.sequenceNumber);
    const isBefore = position.at === 'after-sequence-number' ? sequenceNumber <= place : sequenceNumber < place;
    if (!isBefore) break;
  }
  return count;
}

/** Whether `a` lies before `b` in their shard. */
export function isBehind(a: Position, b: Position): boolean {
  const [placeOfA, placeOfB] = [place(a), place(b)];
  if (placeOfA !== placeOfB || !('sequenceNumber' in a) || !('sequenceNumber' in b)) return placeOfA < placeOfB;
  const difference = BigInt(a.sequenceNumber) - BigInt(b.sequenceNumber);
  return difference < 0n || (difference === 0n && b.at === 'after-sequence-number' && a.at === 'at-sequence-number');
}

const place = (position: Position): number =>
  position.at === 'trim-horizon' ? 0 : position.at === 'shard-end' ? 2 : 1;
