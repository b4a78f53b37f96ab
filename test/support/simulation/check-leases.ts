import type { LeaseRow, ShardGap } from '../../../shared/core/lease.ts';
import type { ControlRow } from '../../../shared/core/subscription.ts';
import type { LeaseWrite } from '../../../shared/testing/simulated-state.ts';
import type { Deliveries } from './check-deliveries.ts';
import { countBefore, isBehind } from './check-positions.ts';
import type { GenerationTruth, Ledger } from './ledger.ts';
import type { Process } from './process.ts';

/** I3, I4 and I6 at every write of a lease, by the process that wrote it (`null`: an operator). */
export function checkLease(ledger: Ledger, deliveries: Deliveries, actor: Process | null, write: LeaseWrite): void {
  const { previous, next } = write;
  const generation = ledger.generations.get(write.key.generation);
  if (!generation) {
    ledger.violate('D13', `a lease of generation ${write.key.generation}, which never began`);
    return;
  }
  if (previous === null) {
    const finished = generation.rows.get(next.shardId)?.position.at === 'shard-end';
    if (finished) ledger.violate('I3', `the finished shard ${next.shardId} was created again`);
    const isUnread = next.epoch === 0 || actor === null;
    if (!isUnread || next.owner !== null) ledger.violate('I4', `${next.shardId} was created with an owner`);
  } else {
    checkFence(ledger, actor, previous, next);
    checkRelease(ledger, deliveries, previous, next);
    if (isBehind(next.position, previous.position)) {
      ledger.violate('I3', `the position of ${next.shardId} went back from ${text(previous)} to ${text(next)}`);
    }
  }
  generation.rows.set(next.shardId, next);
  if (next.gap) generation.gaps.add(next.gap.id);
  // Whoever accepts a gap decides whether the handler is told.
  if (actor === null && next.gap?.status === 'reported') deliveries.gapsTold.add(next.gap.id);
  checkPassed(ledger, generation, previous, next);
}

function checkFence(ledger: Ledger, actor: Process | null, previous: LeaseRow, next: LeaseRow): void {
  if (actor === null) return;
  const name = `${actor.name} at ${next.shardId}`;
  const isOwn = ledger.isOwner(actor, previous);
  const moved = JSON.stringify(previous.position) !== JSON.stringify(next.position);
  if (moved && !isOwn) {
    const mayStillChoose = previous.epoch === 0 && next.epoch === 1 && ledger.isOwner(actor, next);
    if (!mayStillChoose) ledger.violate('I4', `${name} moved the position without holding the lease`);
  }
  const isClaim = next.owner !== null && (previous.owner !== next.owner || previous.epoch !== next.epoch);
  if (!isClaim && previous.owner === next.owner) {
    if (!isOwn && previous.expiresAtMs !== next.expiresAtMs) ledger.violate('I4', `${name} changed a foreign expiry`);
    return;
  }
  if (next.owner === null) {
    if (!isOwn) ledger.violate('I4', `${name} released a lease that it did not hold`);
    if (previous.epoch !== next.epoch) ledger.violate('I4', `${name} changed the epoch at a release`);
    return;
  }
  if (!ledger.isOwner(actor, next)) ledger.violate('I4', `${name} wrote another owner than itself`);
  if (next.epoch !== previous.epoch + 1)
    ledger.violate('I4', `${name} claimed epoch ${next.epoch} after ${previous.epoch}`);
  if (previous.owner !== null && actor.clock.nowMs() < previous.expiresAtMs) {
    ledger.violate('I4', `${name} took a lease that holds for ${previous.expiresAtMs - actor.clock.nowMs()} ms`);
  }
  if (previous.position.at === 'shard-end') ledger.violate('I4', `${name} claimed a finished shard`);
}

/** Decision 4: a lease with a delivery in flight is never released. */
function checkRelease(ledger: Ledger, deliveries: Deliveries, previous: LeaseRow, next: LeaseRow): void {
  if (previous.owner === null || next.owner === previous.owner) return;
  const running = deliveries.running(next.shardId).find(({ process }) => process.ids.has(previous.owner as string));
  if (running && !running.wasDelayed) {
    ledger.violate('D4', `${next.shardId} left its owner while delivery ${running.number} of it was in flight`);
  }
}

/** I3: what a stored position passes is settled. */
function checkPassed(ledger: Ledger, generation: GenerationTruth, previous: LeaseRow | null, row: LeaseRow): void {
  if (ledger.unseenLife(row.shardId)) return;
  const shard = ledger.shard(row.shardId);
  if (!shard) {
    ledger.violate('I3', `a row of ${row.shardId}, which never was`);
    return;
  }
  const from = generation.passed.get(row.shardId) ?? 0;
  const to = countBefore(shard.records, row.position, from);
  for (const record of shard.records.slice(from, to)) {
    if (generation.accepted.has(record.event.eventID) || !ledger.isOwed(generation, record)) continue;
    if (ledger.isLost(record) && (isTrim(row.gap) || isTrim(previous?.gap) || ledger.isToldAsGap(generation, record))) {
      generation.told.add(record.event.eventID);
      continue;
    }
    ledger.violate(
      'I3',
      `the position of ${row.shardId}, ${text(row)}, passed ${record.sequenceNumber}, which is not settled`,
    );
    break;
  }
  if (to > from) generation.passed.set(row.shardId, to);
}

/** Decision 2: one walk at a time holds a slot, and nobody takes one that is held. */
export function checkControl(
  ledger: Ledger,
  actor: Process | null,
  previous: ControlRow | null,
  next: ControlRow,
): void {
  if (next.revision !== (previous?.revision ?? next.revision - 1) + 1) {
    ledger.violate('D13', `the ${next.kind} row went from revision ${previous?.revision} to ${next.revision}`);
  }
  if (next.kind === 'pointer') ledger.pointerWritten(next);
  if (next.kind === 'stream') ledger.streamWritten(next.generation, next.stream.arn);
  if ((next.kind !== 'slot' && next.kind !== 'lister') || previous?.kind !== next.kind || !actor) return;
  const changed = previous.owner !== null && previous.owner !== next.owner;
  if (changed && !actor.ids.has(previous.owner) && actor.clock.nowMs() < previous.expiresAtMs) {
    ledger.violate('D2', `${actor.name} took a ${next.kind} that is held`);
  }
}

/** Such a gap reaches up to whatever is read next: also what is trimmed while the handler is being told of it. */
const isTrim = (gap: ShardGap | null | undefined): boolean =>
  gap?.reason === 'trimmed' || gap?.reason === 'shard-vanished';

const text = ({ position }: LeaseRow): string =>
  'sequenceNumber' in position ? `${position.at} ${position.sequenceNumber}` : position.at;
