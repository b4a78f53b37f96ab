import type { SimulatedClock } from '../../../shared/testing/simulated-clock.ts';
import type { Process } from './process.ts';

/** What DynamoDB allows its callers together: two readers of a shard, ten listings a second of the account. */
export interface Readers {
  readonly mayRead: (process: Process, shardId: string) => boolean;
  readonly mayList: () => boolean;
}

const SECOND_MS = 1_000;

export function readersOf(clock: SimulatedClock): Readers {
  const lastRead = new Map<string, Map<Process, number>>();
  let lists: number[] = [];
  return {
    mayRead: (process, shardId) => {
      const nowMs = clock.nowMs();
      const readers = lastRead.get(shardId) ?? new Map<Process, number>();
      for (const [reader, atMs] of readers) if (nowMs - atMs >= SECOND_MS) readers.delete(reader);
      lastRead.set(shardId, readers);
      if (!readers.has(process) && readers.size >= 2) return false;
      readers.set(process, nowMs);
      return true;
    },
    mayList: () => {
      lists = lists.filter((atMs) => clock.nowMs() - atMs < SECOND_MS);
      if (lists.length >= 10) return false;
      lists.push(clock.nowMs());
      return true;
    },
  };
}
