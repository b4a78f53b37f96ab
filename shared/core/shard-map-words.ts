import type { Position } from './position.ts';
import { shardCreatedAtMs } from './stream-time.ts';

/** A duration in its two largest units: `12 s`, `2 m 10 s`, `3 h 05 m`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} m` : `${minutes} m ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${two(minutes % 60)} m`;
}

/** A moment as a map shows it: hours and minutes, UTC. */
export const clockText = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

/** A moment to the second, UTC. */
export const momentText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/**
 * A shard's id cut to what tells shards apart: when it was created and the end of the id, for ids in DynamoDB's form;
 * the end of any other.
 */
export function shardName(shardId: string): string {
  const createdAtMs = shardCreatedAtMs(shardId);
  if (createdAtMs !== null) return `${clockText(createdAtMs)} ${shardId.slice(-8)}`;
  const short = shardId.replace(/^shardId-0*(?=\d)/, '');
  return short.length <= NAME_LENGTH ? short : `…${short.slice(-NAME_LENGTH + 1)}`;
}

/** A position with the end of its sequence number, which is what changes from record to record. */
export function positionName(position: Position): string {
  switch (position.at) {
    case 'trim-horizon':
      return 'trim horizon';
    case 'shard-end':
      return 'end';
    case 'at-sequence-number':
      return `at ${tail(position.sequenceNumber)}`;
    case 'after-sequence-number':
      return `after ${tail(position.sequenceNumber)}`;
    default:
      return 'in the scan';
  }
}

const NAME_LENGTH = 14;
const two = (count: number): string => String(count).padStart(2, '0');
const tail = (digits: string): string => (digits.length <= 7 ? digits : `…${digits.slice(-6)}`);
