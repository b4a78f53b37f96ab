import type { StreamIdentity } from '../core/ports.ts';
import type { SimulatedRecord } from './simulated-record.ts';

/** A shard as it really is, whatever listings say. It holds the items whose hash lies in [`from`, `to`). */
export interface SimulatedShard {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly startingSequenceNumber: string;
  readonly openedAtMs: number;
  readonly from: number;
  readonly to: number;
  /** Oldest first; trimmed ones stay here, for a test to know of them. */
  readonly records: SimulatedRecord[];
  /** When listings begin to show the shard, and then its end. */
  readonly shownAtMs: number;
  closedAtMs: number | null;
  shownClosedAtMs: number;
}

/** One life of the table's stream. */
export interface SimulatedStreamLife {
  readonly identity: StreamIdentity;
  readonly shards: Map<string, SimulatedShard>;
  disabledAtMs: number | null;
}

/** Items are spread over so many hashes, from 0 up. */
export const HASHES = 0x1_0000_0000;

/** FNV-1a over the key's characters, its bits mixed once more: short keys differ in few bits. */
export function itemHash(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
