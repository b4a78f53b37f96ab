import type { GapNotice } from '../../../shared/core/record.ts';
import type { SimulatedShard } from '../../../shared/testing/simulated-shard.ts';
import type { Deliveries } from './check-deliveries.ts';
import { type Ledger, RETENTION_MS } from './ledger.ts';

/** Clocks differ: a trim is told of up to so much early, rather than late. */
const TOLD_EARLY_MS = 60_000 + 5_000;

/** I1 the other way round: a gap tells of something that may really be lost. */
export function checkGap(ledger: Ledger, gap: GapNotice): void {
  ledger.gaps.push({ gap, notedAtMs: ledger.clock.nowMs() });
  const unseen = ledger.unseenLife(gap.shardId);
  if (unseen) {
    const isGone = [...unseen.shards.values()].every((shard) => ledger.source.remains(shard).isGone);
    if (!isGone) ledger.violate('I1', `a gap of ${gap.shardId}, of which something is left`);
    return;
  }
  const shard = ledger.shard(gap.shardId);
  if (!shard) {
    ledger.violate('I1', `a gap of ${gap.shardId}, which never was`);
    return;
  }
  const { isGone } = ledger.source.remains(shard);
  const isTrue = {
    trimmed: ledger.clock.nowMs() - bornAtMs(ledger, shard) >= RETENTION_MS - TOLD_EARLY_MS,
    'shard-vanished': isGone,
    'parent-missing': shard.parents.some((id) => {
      const parent = ledger.shard(id);
      return parent !== undefined && ledger.source.remains(parent).isGone;
    }),
    'stream-replaced': ledger.lifeOf(gap.shardId) !== ledger.stream.lives[0],
  }[gap.reason];
  if (!isTrue) ledger.violate('I1', `a gap (${gap.reason}) of ${gap.shardId}, of which nothing is lost`);
}

/** Where trimmed data is hidden, a shard of which nothing is known may be as old as its oldest ancestor. */
function bornAtMs(ledger: Ledger, shard: SimulatedShard): number {
  if (!ledger.source.hidesTrimmed) return shard.openedAtMs;
  const parents = shard.parents.map((id) => ledger.shard(id)).filter((parent) => parent !== undefined);
  return Math.min(shard.openedAtMs, ...parents.map((parent) => bornAtMs(ledger, parent)));
}

/**
 * I1 at the end: every record that is owed was accepted, or is lost and told of; every closed shard is at its end; every
 * gap was told to a handler that wants to know. Says what is missing.
 */
export function unsettled(ledger: Ledger, deliveries: Deliveries, tellsGaps: boolean): readonly string[] {
  const generation = [...ledger.generations.values()].at(-1);
  if (!generation) return ['no generation ever began'];
  const missing: string[] = [];
  for (const shard of ledger.stream.lives.flatMap((life) => [...life.shards.values()])) {
    for (const record of shard.records) {
      const { eventID } = record.event;
      if (generation.accepted.has(eventID) || !ledger.isOwed(generation, record)) continue;
      const isLost = ledger.isLost(record);
      if (isLost && (generation.told.has(eventID) || ledger.isToldAsGap(generation, record))) continue;
      missing.push(`${record.sequenceNumber} of ${shard.shardId}${isLost ? ', lost without a gap' : ''}`);
    }
    const row = generation.rows.get(shard.shardId);
    if (row && shard.closedAtMs !== null && row.position.at !== 'shard-end')
      missing.push(`the end of ${shard.shardId}`);
  }
  if (tellsGaps)
    for (const id of generation.gaps) if (!deliveries.gapsTold.has(id)) missing.push(`gap ${id}, not told`);
  return missing;
}
