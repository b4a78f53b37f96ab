import { errorMessage } from '../../shared/aws/errors.ts';
import { gapStatuses } from '../../shared/core/operations-gaps.ts';
import {
  type ShardStatus,
  type SubscriptionStatus,
  shardStatuses,
  subscriptionStatus,
} from '../../shared/core/operations-status.ts';
import type { RunProgress } from '../../shared/core/scan-progress.ts';
import { type ShardMap, shardMap } from '../../shared/core/shard-map.ts';
import type { Slot } from '../../shared/core/subscription.ts';
import { type Loaded, loadRunProgress, loadSubscription } from '../../shared/operations.ts';
import { parkedItems, parkingPorts } from '../../shared/parking.ts';
import { type MappedStatus, mappedStatuses } from './mapped-status.ts';
import { withPatterns } from './pattern-report.ts';
import type { Session } from './session.ts';

/** What `status` prints, and what `--json` gives scripts. */
export interface StatusReport {
  readonly atMs: number;
  readonly subscriptions: readonly ((WalkedStatus | MappedStatus) & Parked)[];
}

export interface Parked {
  /** How many items wait in the parking table; `null`: there is none that is known, or it may not be read. */
  readonly parked: number | null;
}

export interface WalkedStatus extends SubscriptionStatus {
  /** How far its latest bootstrap or repair run is; `null`: it never had one, or nothing of it is left. */
  readonly run: RunProgress | null;
  /** Gaps ever found. */
  readonly gaps: number;
  /** Only where they were asked for. */
  readonly shards?: readonly ShardStatus[];
  /** The same for a person's eyes: not printed as JSON. */
  readonly map?: ShardMap;
}

export interface StatusDetail {
  readonly withShards: boolean;
  /** Where walked subscriptions park; a mapping's function tells its own. */
  readonly parkingTable: string | undefined;
}

/** Both paths of one subscription, or of all; `null`: there is no such subscription. */
export async function statusReport(
  session: Session,
  only: string | undefined,
  { withShards, parkingTable }: StatusDetail,
): Promise<StatusReport | null> {
  // Without a state table nothing is walked; a local engine has nothing but a state table.
  const isWalked = session.hasStateTable || !session.hasLambda;
  const [walked, mapped] = await Promise.all([
    isWalked ? walkedStatuses(session, only, withShards) : [],
    mappedStatuses(session, only),
  ]);
  const found = [...walked, ...mapped];
  const subscriptions = await Promise.all(
    found.map(async (one) => {
      const table = one.path === 'mapping' ? one.parkingTable : parkingTable;
      return { ...one, parked: table ? await parkedCount(session, one.subscription, table) : null };
    }),
  );
  if (only !== undefined && subscriptions.length === 0) return null;
  return { atMs: session.clock.nowMs(), subscriptions };
}

async function walkedStatuses(
  session: Session,
  only: string | undefined,
  withShards: boolean,
): Promise<readonly WalkedStatus[]> {
  const names = only === undefined ? await session.subscriptions() : [only];
  const found = await Promise.all(names.map((name) => walkedStatus(session, name, withShards)));
  const walked = found.filter((one) => one !== null);
  return withPatterns(session, walked, (name) => walkedStatus(session, name, withShards));
}

async function walkedStatus(session: Session, name: string, withShards: boolean): Promise<WalkedStatus | null> {
  const state = session.state();
  const [loaded, recorded] = await Promise.all([loadSubscription(state, name), state.gaps(name)]);
  if (loaded === null) return null;
  const nowMs = session.clock.nowMs();
  const { pointer, control, streams } = loaded;
  const run = await loadRunProgress({ state, clock: session.clock }, name, loaded);
  return {
    ...subscriptionStatus(name, pointer, control, streams, nowMs),
    run,
    gaps: gapStatuses(recorded, streams).length,
    ...(withShards && {
      shards: streams.flatMap((stream) => shardStatuses(stream, nowMs)),
      ...mapOf(name, loaded, nowMs),
    }),
  };
}

/** The shards of the stream that is read now, to be drawn. */
function mapOf(subscription: string, { pointer, control, streams }: Loaded, nowMs: number): Pick<WalkedStatus, 'map'> {
  const stream = streams.find(({ row }) => !row.isDrained) ?? streams.at(-1);
  if (stream === undefined) return {};
  const rows = new Map(stream.leases.map((lease) => [lease.shardId, lease]));
  const slots = control.filter((row): row is Slot => row.kind === 'slot');
  const { isPaused } = pointer;
  return { map: shardMap({ subscription, rows, slots, moment: { nowMs, stream: stream.row }, isPaused }) };
}

async function parkedCount(session: Session, subscription: string, tableName: string): Promise<number | null> {
  try {
    return (await parkedItems(parkingPorts({ tableName, subscription, client: session.dynamodb }).store)).length;
  } catch (error) {
    console.error(`what ${subscription} has parked is not shown: ${errorMessage(error)}`);
    return null;
  }
}
