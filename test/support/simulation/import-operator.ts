import type { State } from '../../../shared/core/ports.ts';
import type { Positions } from '../../../shared/core/positions-file.ts';
import type { Pointer } from '../../../shared/core/subscription.ts';
import {
  acceptGap,
  exportPositions,
  loadSubscription,
  type OperationPorts,
  type RewindTarget,
  rewind,
  setPaused,
} from '../../../shared/operations.ts';
import type { Random } from '../../../shared/testing/simulated-random.ts';
import type { GenerationTruth, Ledger } from './ledger.ts';
import type { World } from './world.ts';

/** Somebody at the command line, beside walks that run. Every act is a race that one of both wins. */
export interface Operator {
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Pauses, goes elsewhere, and resumes. */
  readonly rewind: (target: RewindTarget) => Promise<string>;
  readonly exportPositions: () => Promise<Positions | null>;
  /** Accepts the gap of every halted shard. The result counts them. */
  readonly acceptGaps: () => Promise<number>;
}

export function operatorOf(world: World, subscription: string): Operator {
  const ports: OperationPorts = { clock: world.clock, state: told(world.state, world.ledger) };
  const setTo = async (isPaused: boolean): Promise<void> => {
    await setPaused(ports, subscription, isPaused);
  };
  return {
    pause: () => setTo(true),
    resume: () => setTo(false),
    rewind: async (target) => {
      await setTo(true);
      const { kind } = await rewind(ports, subscription, target, { waitMs: 120_000 });
      world.trace(() => `operator: rewind ${kind}`);
      await setTo(false);
      return kind;
    },
    exportPositions: () => exportPositions(ports, subscription),
    acceptGaps: async () => {
      const loaded = await loadSubscription(world.state, subscription);
      const halted = (loaded?.streams ?? [])
        .flatMap(({ leases }) => leases)
        .flatMap(({ gap }) => (gap?.status === 'halted' ? [gap.id] : []));
      const results = await Promise.all(
        halted.map((id) =>
          acceptGap(ports, subscription, id, { by: 'operator', tellHandler: world.random.chance(0.5), waitMs: 60_000 }),
        ),
      );
      return results.filter(({ kind }) => kind === 'done').length;
    },
  };
}

/** Where an operator goes to. */
export function targetOf(random: Random, nowMs: number, known: Positions | null): RewindTarget {
  if (known !== null && random.chance(0.5)) return { positions: known };
  if (random.chance(0.5)) return { start: { at: 'trim-horizon' } };
  return { start: { at: 'time', momentMs: Math.floor((nowMs - random.whole(0, 120_000)) / 1_000) * 1_000 } };
}

/**
 * The state, with the ledger told of a generation before its rows are written. Positions that are carried over count as
 * settled as far as the generation before has settled them.
 */
function told(state: State, ledger: Ledger): State {
  return {
    ...state,
    putControl: async (subscription, next, revision) => {
      if (next.kind === 'stream' && !ledger.generations.has(next.generation)) {
        ledger.generations.set(next.generation, successor(ledger, next.generation));
      }
      const isWritten = await state.putControl(subscription, next, revision);
      if (next.kind === 'pointer') settle(ledger, next, isWritten);
      return isWritten;
    },
  };
}

type Writable<T> = { -readonly [name in keyof T]: T[name] };

function successor(ledger: Ledger, generation: number): GenerationTruth {
  const previous = ledger.generations.get(ledger.pointer()?.generation ?? 0);
  return {
    generation,
    start: previous?.start ?? { at: 'trim-horizon' },
    startedAtMs: previous?.startedAtMs ?? 0,
    accepted: new Set(previous?.accepted),
    told: new Set(previous?.told),
    given: new Set(),
    newestGiven: new Map(),
    rows: new Map(),
    passed: new Map(),
    gaps: new Set(),
    streams: new Set(),
  };
}

/** The generation that counts is the last; one that was begun in vain never was. */
function settle(ledger: Ledger, pointer: Pointer, isWritten: boolean): void {
  const { generations } = ledger;
  const truth: Writable<GenerationTruth> | undefined = generations.get(pointer.generation);
  if (ledger.pointer()?.generation !== pointer.generation || truth === undefined) {
    if (!isWritten) generations.delete(pointer.generation);
    return;
  }
  const isNew = [...generations.keys()].at(-1) !== pointer.generation || truth.rows.size === 0;
  generations.delete(pointer.generation);
  generations.set(pointer.generation, truth);
  truth.start = pointer.start;
  truth.startedAtMs = pointer.startedAtMs;
  // A start of its own carries nothing over.
  if (isNew && truth.rows.size === 0) truth.accepted.clear();
}
