import type { Opened, Source, StreamIdentity } from './ports.ts';

/** A source that can also begin at whatever comes next, without looking at what was before. */
export interface TailSource extends Source {
  readonly openLatest: (stream: StreamIdentity, shardId: string) => Promise<Opened>;
  /** Whether it is one stream by its ARN, which has no successor, and not whichever a table has. @default false */
  readonly isOneStream?: boolean;
}

/** What a tail tells beside changes. */
export type TailNotice =
  /** The service refuses reads of this shard: others read it, too, and at most two may. */
  | { readonly kind: 'throttled'; readonly shardId: string; readonly message: string }
  | { readonly kind: 'source-failed'; readonly operation: string; readonly message: string }
  /** The table has another stream now: what was written between the two is in neither. */
  | { readonly kind: 'stream-replaced'; readonly arn: string };
