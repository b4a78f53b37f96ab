import { carriedStreams, nextGeneration } from '../core/operations.ts';
import { afterRun } from '../core/operations-phase.ts';
import { planImport, planRewind, type RewindPlan } from '../core/operations-plan.ts';
import { leaseOf, type Positions, streamRowOf } from '../core/positions-file.ts';
import { onNewPositions } from '../core/run.ts';
import { type Pointer, phaseOf, type Start } from '../core/subscription.ts';
import { type NewGeneration, switchGeneration, untilFree } from './generation-switch.ts';
import type { OperationPorts, Refusal } from './ports.ts';
import { type Loaded, loadSubscription, streamRowsOf } from './reading.ts';

/** Where a subscription is to go on: at a start of its own, or at the positions of a file. */
export type RewindTarget = { readonly start: Start } | { readonly positions: Positions };

export interface RewindOptions {
  /**
   * How long to wait for walks that still deliver (milliseconds).
   * @default 0
   */
  readonly waitMs?: number;
}

export type RewindResult = { readonly kind: 'done'; readonly pointer: Pointer; readonly plan: RewindPlan } | Refusal;

export type RewindPreview =
  | {
      readonly kind: 'plan';
      readonly plan: RewindPlan;
      readonly isPaused: boolean;
      /** Whether the current generation has listed its shards: what earlier ones delivered is not in the plan. */
      readonly isListed: boolean;
    }
  | Extract<Refusal, { kind: 'unknown' | 'other-stream' }>;

/** Says what a rewind would do, and changes nothing. */
export async function previewRewind(
  { state, clock }: OperationPorts,
  subscription: string,
  target: RewindTarget,
): Promise<RewindPreview> {
  const loaded = await loadSubscription(state, subscription);
  if (loaded === null) return { kind: 'unknown' };
  const foreign = foreignStreams(loaded, target);
  if (foreign) return foreign;
  const isListed = loaded.streams.some(({ row }) => row.isFirstListingComplete);
  const plan = planOf(loaded, target, clock.nowMs());
  return { kind: 'plan', plan, isPaused: loaded.pointer.isPaused, isListed };
}

/**
 * Begins a new generation of a paused subscription at another place. It stays paused.
 *
 * A walk that is still running stops by itself; a new one claims nothing before every lease of the old generation is
 * free. Positions of a file also begin a subscription that is not there yet.
 */
export async function rewind(
  ports: OperationPorts,
  subscription: string,
  target: RewindTarget,
  { waitMs = 0 }: RewindOptions = {},
): Promise<RewindResult> {
  const { state, clock } = ports;
  const loaded = await loadSubscription(state, subscription);
  if (loaded === null)
    return 'positions' in target ? begin(ports, subscription, target.positions) : { kind: 'unknown' };
  const { pointer } = loaded;
  if (!pointer.isPaused) return { kind: 'not-paused' };
  const foreign = foreignStreams(loaded, target);
  if (foreign) return foreign;
  const busy = await untilFree(ports, subscription, pointer, waitMs);
  if (busy) return busy;
  // Read again: what is free now has its last position.
  const now = await loadSubscription(state, subscription);
  if (now?.pointer.revision !== pointer.revision) return { kind: 'changed' };
  const nowMs = clock.nowMs();
  const switched = await switchGeneration(ports, subscription, generationOf(now, target, nowMs), pointer.revision);
  return switched.kind === 'done' ? { ...switched, plan: planOf(now, target, nowMs) } : switched;
}

function planOf({ streams }: Loaded, target: RewindTarget, nowMs: number): RewindPlan {
  if ('start' in target) return planRewind(streams, target.start, nowMs);
  const imported = target.positions.streams.flatMap((stream) => stream.shards.map(leaseOf));
  return planImport(
    streams.flatMap(({ leases }) => leases),
    imported,
  );
}

function generationOf({ pointer, control }: Loaded, target: RewindTarget, nowMs: number): NewGeneration {
  const known = streamRowsOf(control);
  const generation = nextGeneration(pointer.generation, known);
  const next = {
    ...pointer,
    generation,
    revision: pointer.revision + 1,
    isPaused: true,
    isPreviousFree: false,
    ...(pointer.phase && { phase: onNewPositions(pointer.phase, nowMs) }),
  };
  if ('start' in target) {
    const { start } = target;
    const carried = carriedStreams(known, pointer.generation, generation, start, nowMs);
    return {
      pointer: { ...next, start, startedAtMs: nowMs },
      streams: carried.map((row) => ({ row, leases: [] })),
    };
  }
  const { start, startedAtMs } = target.positions;
  const { run } = target.positions;
  const phase = run > phaseOf(pointer).run ? { phase: afterRun(run) } : {};
  return { pointer: { ...next, ...phase, start, startedAtMs }, streams: imported(target.positions, generation) };
}

/** A subscription that begins at positions of another, paused. */
async function begin(ports: OperationPorts, subscription: string, positions: Positions): Promise<RewindResult> {
  const known = streamRowsOf(await ports.state.control(subscription));
  const generation = nextGeneration(0, known);
  const pointer: Pointer = {
    kind: 'pointer',
    revision: 0,
    generation,
    start: positions.start,
    startedAtMs: positions.startedAtMs,
    isPaused: true,
    isPreviousFree: true,
    ...(positions.run > 0 && { phase: afterRun(positions.run) }),
  };
  const next = { pointer, streams: imported(positions, generation) };
  const switched = await switchGeneration(ports, subscription, next, null);
  return switched.kind === 'done' ? { ...switched, plan: planImport([], []) } : switched;
}

const imported = ({ streams }: Positions, generation: number): NewGeneration['streams'] =>
  streams.map((stream) => ({ row: streamRowOf(stream, generation), leases: stream.shards.map(leaseOf) }));

/** Positions are good for the stream that they were taken of, and for no other. */
function foreignStreams({ streams }: Loaded, target: RewindTarget): Extract<Refusal, { kind: 'other-stream' }> | null {
  if ('start' in target) return null;
  const known = streams.map(({ row }) => row.stream.arn);
  const given = target.positions.streams.map(({ arn }) => arn);
  const isKnown = known.length === 0 || given.length === 0 || given.some((arn) => known.includes(arn));
  return isKnown ? null : { kind: 'other-stream', known, given };
}
