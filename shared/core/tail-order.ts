/** What is known of one shard that a tail reads. */
export interface TailView {
  readonly shardId: string;
  /** When the oldest change that was read and not told yet was made; `null`: there is none. */
  readonly headMs: number | null;
  /** Whether the next page may hold an older change than other shards have: it is not known to be caught up. */
  readonly isAwaited: boolean;
}

/**
 * The shard whose change is told next: the oldest of all heads, so that changes of different shards come about in the
 * order of time. `null` while a shard has to be read first, or none has anything to tell.
 */
export function nextToTell(views: readonly TailView[]): string | null {
  let next: { readonly shardId: string; readonly headMs: number } | null = null;
  for (const { shardId, headMs, isAwaited } of views) {
    if (headMs === null) {
      if (isAwaited) return null;
    } else if (next === null || headMs < next.headMs || (headMs === next.headMs && shardId < next.shardId)) {
      next = { shardId, headMs };
    }
  }
  return next?.shardId ?? null;
}
