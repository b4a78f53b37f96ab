import { MillraceError } from '../../../shared/core/errors.ts';
import type { ListedShard, Source, State } from '../../../shared/core/ports.ts';
import { afterSequenceNumber, type Position } from '../../../shared/core/position.ts';
import type { Sabotage } from './simulation.ts';
import type { World } from './world.ts';

/** One protection of the walker turned off, at its ports, and the invariants of which one must break then. */
export interface SabotagedProtection {
  readonly name: string;
  readonly protection: string;
  readonly breaks: readonly string[];
  readonly sabotage: Sabotage;
}

/** What a walker without the protection would do, as far as the world outside can tell. */
export const SABOTAGES: readonly SabotagedProtection[] = [
  {
    name: 'fencing',
    protection: 'the fencing condition of writes',
    breaks: ['I3', 'I4'],
    sabotage: (ports, _process, world) => ({ ...ports, state: unfenced(ports.state, world) }),
  },
  {
    name: 'parents',
    protection: 'parents before children',
    breaks: ['I5'],
    sabotage: (ports) => ({ ...ports, source: withoutParents(ports.source) }),
  },
  {
    name: 'settling',
    protection: 'advancing only after settling',
    breaks: ['I3'],
    sabotage: (ports) => ({
      ...ports,
      sink: {
        deliver: async (batch) => {
          void ports.sink.deliver(batch);
          return { kind: 'answered', response: null };
        },
      },
    }),
  },
  {
    name: 'children-beginning',
    protection: 'children from their beginning',
    breaks: ['I3'],
    sabotage: (ports, _process, world) =>
      opensElsewhere(ports, (shardId, position) =>
        position.at === 'at-sequence-number' ? tipOf(world, shardId, position) : position,
      ),
  },
  {
    name: 'hidden-loss',
    protection: 'the age of a position against the retention',
    breaks: ['I1', 'I3'],
    sabotage: (ports) => ({ ...ports, source: { ...ports.source, hidesTrimmed: undefined } }),
  },
  {
    name: 'starting-sequence-number',
    protection: 'opening AT the starting sequence number',
    breaks: ['I1', 'I3'],
    sabotage: (ports) =>
      opensElsewhere(ports, (_shardId, position) =>
        position.at === 'at-sequence-number' ? { ...position, at: 'trim-horizon' } : position,
      ),
  },
  {
    name: 'latest-as-time',
    protection: 'LATEST as a time',
    breaks: ['I3'],
    sabotage: (ports, _process, world) =>
      opensElsewhere(ports, (shardId, position) =>
        position.at === 'trim-horizon' && position.notBefore !== undefined ? tipOf(world, shardId, position) : position,
      ),
  },
  {
    name: 'reading-again',
    protection: 'reading again after an ambiguous write',
    breaks: ['D4', 'I4'],
    sabotage: (ports) => ({ ...ports, state: credulous(ports.state) }),
  },
  {
    name: 'unanswered-delivery',
    protection: 'counting an unanswered delivery as in flight',
    breaks: ['D4', 'I2'],
    sabotage: (ports) => ({
      ...ports,
      sink: {
        deliver: async (batch) => {
          const delivery = await ports.sink.deliver(batch);
          return delivery.kind === 'unknown' ? { kind: 'failed', message: delivery.message } : delivery;
        },
      },
    }),
  },
  {
    name: 'release',
    protection: 'no release with a delivery in flight',
    breaks: ['D4'],
    sabotage: (ports, _process, world) => ({ ...ports, state: hasty(ports.state, world) }),
  },
  {
    name: 'outlasting-lease',
    protection: 'storing a lease that outlasts the delivery',
    breaks: ['D4'],
    sabotage: (ports) => ({
      ...ports,
      state: {
        ...ports.state,
        updateLease: (key, previous, next) =>
          ports.state.updateLease(key, previous, {
            ...next,
            expiresAtMs: Math.min(next.expiresAtMs, ports.clock.nowMs() + 1_000),
          }),
      },
    }),
  },
];

/** The protection of this name. @throws MillraceError `invalid-request` when there is none. */
export function sabotageOf(name: string): Sabotage {
  const found = SABOTAGES.find((candidate) => candidate.name === name);
  if (found) return found.sabotage;
  const allowed = SABOTAGES.map((candidate) => candidate.name).join(', ');
  throw new MillraceError('invalid-request', `--without must be one of ${allowed}, got ${JSON.stringify(name)}`);
}

/** Writes whatever the row has become. */
function unfenced(state: State, world: World): State {
  return {
    ...state,
    updateLease: async (key, previous, next) => {
      const { owner, epoch, revision } = (await world.state.lease(key, previous.shardId)) ?? previous;
      return state.updateLease(key, { ...previous, owner, epoch, revision }, next);
    },
  };
}

function withoutParents(source: Source): Source {
  const orphaned = (shards: readonly ListedShard[]) => shards.map((shard) => ({ ...shard, parents: [] }));
  return {
    ...source,
    listShards: async (stream, after) => {
      const page = await source.listShards(stream, after);
      return page.kind === 'page' ? { ...page, shards: orphaned(page.shards) } : page;
    },
  };
}

function opensElsewhere(
  ports: Parameters<Sabotage>[0],
  elsewhere: (shardId: string, position: Position) => Position,
): ReturnType<Sabotage> {
  const { source } = ports;
  return {
    ...ports,
    source: {
      ...source,
      open: (stream, shardId, position) => source.open(stream, shardId, elsewhere(shardId, position)),
    },
  };
}

/** Where a LATEST iterator begins: after the newest record. */
function tipOf({ ledger }: World, shardId: string, position: Position): Position {
  const newest = ledger.shard(shardId)?.records.at(-1);
  return newest ? afterSequenceNumber(newest.sequenceNumber) : position;
}

/** Takes a write that failed for one that took place. */
function credulous(state: State): State {
  return {
    ...state,
    updateLease: (key, previous, next) => state.updateLease(key, previous, next).catch(() => ({ ok: true }) as const),
  };
}

/** Gives every lease back together with the slot, whatever is in flight. */
function hasty(state: State, world: World): State {
  const held = new Map<string, Parameters<State['updateLease']>>();
  return {
    ...state,
    updateLease: async (key, previous, next) => {
      const written = await state.updateLease(key, previous, next);
      if (written.ok) held.set(next.shardId, [key, previous, next]);
      return written;
    },
    putControl: async (subscription, next, revision) => {
      if (next.kind === 'slot' && next.owner === null) {
        for (const [key, , row] of held.values()) {
          const current = await world.state.lease(key, row.shardId);
          if (current?.owner !== row.owner || row.owner === null) continue;
          const released = { ...current, owner: null, expiresAtMs: 0, revision: current.revision + 1 };
          await state.updateLease(key, current, released).catch(() => undefined);
        }
      }
      return state.putControl(subscription, next, revision);
    },
  };
}
