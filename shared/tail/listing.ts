import type { ListedShard, StreamIdentity } from '../core/ports.ts';
import type { TailPorts } from './ports.ts';

/** Ten calls a second belong to the whole account. */
const CALL_EVERY_MS = 500;

/** Every page of a stream's listing; `null`, reported, when one of them failed. */
export async function allListed(
  stream: StreamIdentity,
  { source, clock, report }: TailPorts,
): Promise<{ readonly shards: readonly ListedShard[]; readonly isOpen: boolean } | null> {
  const shards = new Map<string, ListedShard>();
  for (let after: string | null = null; ; ) {
    const page = await source.listShards(stream, after);
    if (page.kind === 'gone') return { shards: [], isOpen: false };
    if (page.kind === 'failed') {
      report({ kind: 'source-failed', operation: 'list', message: page.message });
      return null;
    }
    for (const shard of page.shards) shards.set(shard.shardId, shard);
    if (page.next === null) return { shards: [...shards.values()], isOpen: page.open };
    after = page.next;
    await clock.sleep(CALL_EVERY_MS);
  }
}
