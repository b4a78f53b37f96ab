import type { Failed, Source } from '../../../shared/core/ports.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import { checkRead } from './check-reads.ts';
import type { Process } from './process.ts';
import { strike } from './strike.ts';
import type { World } from './world.ts';

/** The source as one walk gets it: throttled, failing, with listings that leave shards out. */
export function faultySource(world: World, process: Process, random: Random): Source {
  const { source, rates, trace, fault, readers } = world;
  const call = async <T extends { readonly kind: string }>(
    name: string,
    text: () => string,
    effect: () => Promise<T>,
  ): Promise<T | Failed> => {
    const { sourceThrottles, sourceFails, sourceThrows } = rates();
    const trip = strike(world, process, random);
    if (random.chance(sourceThrows)) {
      fault();
      trace(() => `${process.name} ${name} ${text()} THROWS`);
      return process.call<T>(name, () => Promise.reject(new Error(`simulated failure of ${name}`)), trip);
    }
    const reason = random.chance(sourceThrottles) ? 'throttled' : random.chance(sourceFails) ? 'unavailable' : null;
    if (reason) {
      fault();
      trace(() => `${process.name} ${name} ${text()} is ${reason}`);
      return process.call<Failed>(
        name,
        async () => ({ kind: 'failed', reason, message: `simulated: ${reason}` }),
        trip,
      );
    }
    const result = await process.call<T | Failed>(name, effect, trip);
    trace(() => `${process.name} ${name} ${text()} -> ${brief(result)}`);
    return result;
  };
  const throttled: Failed = { kind: 'failed', reason: 'throttled', message: 'simulated: too many calls' };
  const { iteratorLifetimeMs, hidesTrimmed, retentionMs } = source;
  return {
    iteratorLifetimeMs,
    ...(hidesTrimmed && { hidesTrimmed }),
    ...(retentionMs !== undefined && { retentionMs }),
    current: () => call('current', () => '', source.current),
    listShards: (stream, after) =>
      call(
        'listShards',
        () => after ?? '',
        async () => {
          if (!readers.mayList()) return throttled;
          const page = await source.listShards(stream, after);
          if (page.kind !== 'page' || !random.chance(world.flicker())) return page;
          const unsettled = page.shards.filter(({ shardId }) => hasJustChanged(world, shardId));
          if (unsettled.length === 0) return page;
          const leftOut = random.pick(unsettled);
          fault();
          trace(() => `a listing leaves ${leftOut.shardId} out`);
          return { ...page, shards: page.shards.filter((shard) => shard !== leftOut) };
        },
      ),
    childrenOf: (stream, shardId) =>
      call(
        'childrenOf',
        () => shardId,
        async () => (readers.mayList() ? source.childrenOf(stream, shardId) : throttled),
      ),
    open: (stream, shardId, position) => {
      checkRead(world.ledger, process, shardId);
      return call(
        'open',
        () => `${shardId} ${JSON.stringify(position)}`,
        () => source.open(stream, shardId, position),
      );
    },
    read: (stream, iterator) => {
      const { shardId } = JSON.parse(iterator) as { shardId: string };
      checkRead(world.ledger, process, shardId);
      return call(
        'read',
        () => iterator,
        async () => (readers.mayRead(process, shardId) ? source.read(stream, iterator) : throttled),
      );
    },
  };
}

/** Listings are eventually consistent: they are believed to agree on what has not changed for half a minute. */
const CONSISTENT_AFTER_MS = 30_000;

function hasJustChanged({ ledger, clock }: World, shardId: string): boolean {
  const shard = ledger.shard(shardId);
  return clock.nowMs() - Math.max(shard?.openedAtMs ?? 0, shard?.closedAtMs ?? 0) < CONSISTENT_AFTER_MS;
}

/** An answer in a few words: what a page holds, not all of it. */
function brief(answer: { readonly kind: string; readonly records?: unknown; readonly shards?: unknown }): string {
  if (Array.isArray(answer.records)) {
    const numbers = answer.records.map(({ sequenceNumber }) => sequenceNumber).join();
    return `page [${numbers}]${'next' in answer && answer.next === null ? ', the last' : ''}`;
  }
  if (Array.isArray(answer.shards)) {
    const shards = answer.shards.map(({ shardId, isClosed }) => `${shardId}${isClosed ? ' closed' : ''}`);
    return `${answer.kind} [${shards.join()}]`;
  }
  return JSON.stringify(answer);
}
