import type { Clock, LeaseKey, ListedShard, Source } from '../../../shared/core/ports.ts';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import type { WalkRequestInput } from '../../../shared/request.ts';
import type { WalkPorts } from '../../../shared/walker.ts';
import { MINUTE } from '../durations.ts';
import type { ItemWrites } from './item-writes.ts';
import type { RunningWalk } from './walk-runner.ts';

/** A source on a real engine, a subscription to it, and one time for both that passes quickly and can be put forward. */
export interface WalkedSource {
  /** What arrived at the handler of walks that have no other. */
  readonly arrived: readonly string[];
  readonly clock: Clock;
  /** Makes a change of each of two items. */
  readonly write: (round: number) => Promise<unknown>;
  readonly writeAll: (writes: ItemWrites) => Promise<unknown>;
  /** Ends every open shard; each has one or two children. */
  readonly reshard: () => Promise<void>;
  /** Time passes in the engine, whose records grow old, and for walks. */
  readonly passes: (ms: number) => Promise<void>;
  /** Time passes in the engine alone: a walk believes its iterators to be as good as before. */
  readonly ages: (ms: number) => Promise<void>;
  readonly source: Source;
  /** The rows of the subscription's first generation. */
  readonly key: () => Promise<LeaseKey>;
  readonly start: (
    more?: Partial<WalkPorts>,
    handle?: (event: ChangeEvent) => unknown,
    asked?: Partial<WalkRequestInput>,
  ) => RunningWalk;
}

export interface WalkedSourceOptions {
  /** How much faster than the machine's the time of the test passes. @default 10 */
  readonly speed?: number;
}

/** Makes a source with a subscription to it, whose request is changed so. */
export type MakeSource = (changes?: Partial<WalkRequestInput>, options?: WalkedSourceOptions) => Promise<WalkedSource>;

/** Long enough for a busy machine in spite of the clock's speed. */
export const PATIENT = {
  leaseDurationMs: 15 * MINUTE,
  deliveryMarginMs: 5 * MINUTE,
  handler: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders', timeoutMs: 5 * MINUTE },
};

/** The shards that a source lists now; a page has room for those of a test. */
export async function shardsOf(source: Source): Promise<readonly ListedShard[]> {
  const current = await source.current();
  if (current.kind !== 'stream') throw new Error(current.message);
  const page = await source.listShards(current.stream, null);
  if (page.kind !== 'page' || page.next !== null) throw new Error(`expected all shards, got ${JSON.stringify(page)}`);
  return page.shards;
}
