import type { Ledger } from './ledger.ts';
import type { Process } from './process.ts';

/** I5, at every opening and reading of a shard: its parents are at their end, or gone for good. */
export function checkRead(ledger: Ledger, process: Process, shardId: string): void {
  const generation = ledger.heldBy(process, shardId);
  const shard = ledger.shard(shardId);
  // A walk that has lost its lease may read on for a moment: what it reads, it cannot deliver or store.
  if (!generation || !shard) return;
  if (generation.rows.get(shardId)?.gap?.status === 'halted') {
    ledger.violate('D11', `${process.name} reads ${shardId}, which is halted at a gap`);
  }
  for (const parentId of shard.parents) {
    const parent = ledger.shard(parentId);
    if (!parent || ledger.source.remains(parent).isGone) continue;
    if (generation.rows.get(parentId)?.position.at === 'shard-end') continue;
    ledger.violate('I5', `${process.name} reads ${shardId} before its parent ${parentId} is at its end`);
  }
}
