import type { State } from './core/ports.ts';
import { type ShardMap, shardMap } from './core/shard-map.ts';
import { activeStream } from './core/stream-rows.ts';
import type { Pointer, Slot } from './core/subscription.ts';
import { streamRows } from './walker/generation.ts';

/**
 * The map of the shards that a subscription reads now, from the state as it is; `null` where no walk has found a stream
 * yet. Of a subscription that has read all its streams to their end, the last one is drawn; scans are not.
 */
export async function currentShardMap(
  subscription: string,
  state: Pick<State, 'control' | 'leases'>,
  nowMs: number,
): Promise<ShardMap | null> {
  const control = await state.control(subscription);
  const pointer = control.find((row): row is Pointer => row.kind === 'pointer');
  if (pointer === undefined) return null;
  const rows = streamRows(control).filter((row) => row.generation === pointer.generation && row.run === undefined);
  const stream = activeStream(rows, pointer.generation) ?? rows.at(-1);
  if (stream === undefined) return null;
  const leases = await state.leases({ subscription, generation: pointer.generation, stream: stream.stream });
  return shardMap({
    subscription,
    rows: new Map(leases.map((row) => [row.shardId, row])),
    slots: control.filter((row): row is Slot => row.kind === 'slot'),
    moment: { nowMs, stream },
    isPaused: pointer.isPaused,
  });
}
