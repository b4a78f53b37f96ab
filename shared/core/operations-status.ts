import { awaitedLagMs, hoursUntilLoss, shardLags, streamLagMs } from './lag.ts';
import type { LeaseRow } from './lease.ts';
import type { ReadStream } from './operations-plan.ts';
import { isReadable } from './shard-graph.ts';
import type { ControlRow, Pointer, Slot, Start } from './subscription.ts';
import type { TableState } from './table-registry.ts';
import { activeWorkers } from './walk-plan.ts';

/**
 * What a walked subscription does now.
 *
 * - `paused`: by an operator. - `stopped`: its schedules have not ticked for minutes. - `switching`: a new generation
 * waits until nothing of the old one is in flight. - `listing`: before its first complete listing. - `halted`: a gap
 * holds a shard. - `scanning`: a run's scan. - `reading`: all is well. The others are of a pattern's table: see
 * `TableState`.
 */
export type SubscriptionPhase =
  | 'paused'
  | 'stopped'
  | 'switching'
  | 'listing'
  | 'halted'
  | 'scanning'
  | 'reading'
  | Exclude<TableState, 'active'>;

/** A walked subscription as its rows tell. Times are epoch milliseconds. */
export interface SubscriptionStatus {
  readonly subscription: string;
  readonly path: 'walker';
  readonly phase: SubscriptionPhase;
  readonly streamArn: string | null;
  readonly generation: number;
  readonly start: Start;
  /** The age of the oldest change that may be undelivered; `null` before anything was listed. */
  readonly lagMs: number | null;
  readonly hoursUntilLoss: number | null;
  readonly openShards: number;
  readonly waitingShards: number;
  readonly finishedShards: number;
  readonly haltedShards: number;
  /** Workers that walked within the last two ticks. */
  readonly workers: number;
  /** When a walk was last known to be alive; `null`: never. */
  readonly lastWalkAtMs: number | null;
}

/** Schedules tick every minute, a minute late at most; another for clocks. */
const STOPPED_AFTER_MS = 180_000;

/** Sums a subscription up. */
export function subscriptionStatus(
  subscription: string,
  pointer: Pointer,
  control: readonly ControlRow[],
  streams: readonly ReadStream[],
  nowMs: number,
): SubscriptionStatus {
  const active = streams.find(({ row }) => !row.isDrained) ?? streams.at(-1);
  const rows = rowsOf(active);
  const all = [...rows.values()];
  const slots = control.filter((row): row is Slot => row.kind === 'slot');
  const lastWalkAtMs = slots.length > 0 ? Math.max(...slots.map((slot) => slot.lastSeenAtMs)) : null;
  const finishedShards = all.filter((row) => row.position.at === 'shard-end').length;
  const haltedShards = all.filter((row) => row.gap?.status === 'halted').length;
  const openShards = all.filter((row) => isReadable(row, rows)).length;
  const isListed = active?.row.isFirstListingComplete === true;
  const lagMs = isListed ? lagOf(active, streams, nowMs) : null;
  return {
    subscription,
    path: 'walker',
    phase: phaseNow(pointer, { isListed, haltedShards, lastWalkAtMs, nowMs }),
    streamArn: active?.row.stream.arn ?? null,
    generation: pointer.generation,
    start: pointer.start,
    lagMs,
    hoursUntilLoss: lagMs === null ? null : hoursUntilLoss(lagMs, active?.row.retentionMs),
    openShards,
    waitingShards: all.length - finishedShards - openShards - haltedShards,
    finishedShards,
    haltedShards,
    workers: lastWalkAtMs === null || nowMs - lastWalkAtMs > STOPPED_AFTER_MS ? 0 : activeWorkers(slots, nowMs),
    lastWalkAtMs,
  };
}

/** One shard of a subscription, for an operator. */
export interface ShardStatus {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly state: 'open' | 'waiting' | 'finished' | 'halted';
  readonly position: LeaseRow['position'];
  /** Who holds it now, until when; `null`: nobody. */
  readonly owner: string | null;
  readonly heldUntilMs: number | null;
  readonly lagMs: number | null;
  readonly lastRecordAtMs: number | null;
  readonly attempts: number;
  readonly gapId: string | null;
}

/** Every shard of a stream, parents before their children. */
export function shardStatuses(stream: ReadStream, nowMs: number): readonly ShardStatus[] {
  const rows = rowsOf(stream);
  const lags = new Map(shardLags(rows, { nowMs, stream: stream.row }).map(({ shardId, lagMs }) => [shardId, lagMs]));
  return [...rows.values()].map((row) => {
    const isHeld = row.owner !== null && row.expiresAtMs > nowMs;
    return {
      shardId: row.shardId,
      parents: row.parents,
      state: stateOf(row, rows),
      position: row.position,
      owner: isHeld ? row.owner : null,
      heldUntilMs: isHeld ? row.expiresAtMs : null,
      lagMs: lags.get(row.shardId) ?? null,
      lastRecordAtMs: row.lastRecordAtMs,
      attempts: row.attempts,
      gapId: row.gap?.id ?? null,
    };
  });
}

const rowsOf = (stream: ReadStream | undefined): ReadonlyMap<string, LeaseRow> =>
  new Map(stream?.leases.map((lease) => [lease.shardId, lease]));

function stateOf(row: LeaseRow, rows: ReadonlyMap<string, LeaseRow>): ShardStatus['state'] {
  if (row.position.at === 'shard-end') return 'finished';
  if (row.gap?.status === 'halted') return 'halted';
  return isReadable(row, rows) ? 'open' : 'waiting';
}

function lagOf(active: ReadStream, streams: readonly ReadStream[], nowMs: number): number {
  const own = streamLagMs(rowsOf(active), { nowMs, stream: active.row });
  return Math.max(
    own,
    awaitedLagMs(
      streams.map(({ row }) => row),
      active.row,
      nowMs,
    ),
  );
}

interface Facts {
  readonly isListed: boolean;
  readonly haltedShards: number;
  readonly lastWalkAtMs: number | null;
  readonly nowMs: number;
}

function phaseNow(pointer: Pointer, { isListed, haltedShards, lastWalkAtMs, nowMs }: Facts): SubscriptionPhase {
  if (pointer.isPaused) return 'paused';
  if (lastWalkAtMs === null || nowMs - lastWalkAtMs > STOPPED_AFTER_MS) return 'stopped';
  if (!pointer.isPreviousFree) return 'switching';
  if (!isListed) return 'listing';
  if (haltedShards > 0) return 'halted';
  return pointer.phase?.kind === 'scanning' ? 'scanning' : 'reading';
}
