import { DESCRIBE_INTERVAL_MS } from './core/listing-pace.ts';
import type { Source, StreamIdentity } from './core/ports.ts';
import { scanStream } from './core/scan.ts';
import { ShardRows } from './core/shard-rows.ts';
import { activeStream, newRow, newStreamRow } from './core/stream-rows.ts';
import { type Pointer, phaseOf, type StreamRow, streamId } from './core/subscription.ts';
import type { WalkSummary } from './core/walk-event.ts';
import type { WalkRequest } from './request.ts';
import { byteBudget } from './walker/byte-budget.ts';
import type { WalkContext, WalkLimits, WalkPorts } from './walker/context.ts';
import { fenceOf } from './walker/fence.ts';
import { currentGeneration, previousIsFree, streamRows } from './walker/generation.ts';
import { pacer } from './walker/pacer.ts';
import { changePhaseIfDue } from './walker/phase-change.ts';
import { forgetRuns } from './walker/run-rows.ts';
import { runSource } from './walker/run-source.ts';
import type { HeldSlot } from './walker/slot-holder.ts';
import { reasonOf, walkInSlot } from './walker/slot-walk.ts';
import { walkStream } from './walker/stream-walk.ts';
import { walkTally } from './walker/walk-tally.ts';

export type { WalkLimits, WalkPorts } from './walker/context.ts';

type Reason = WalkSummary['reason'];

/**
 * One walk: takes the worker's slot, then reads the subscription's shards until the hand-over, a stop, or idleness.
 *
 * Every promise of Millrace is kept by conditional writes, so a walk may die after any await, run twice, or run late.
 * Nothing of it survives its return: no timer, no delivery in flight but those whose answer never came.
 */
export async function walk(request: WalkRequest, ports: WalkPorts, limits: WalkLimits): Promise<WalkSummary> {
  const beganAtMs = ports.clock.nowMs();
  const tally = walkTally(ports.report);
  const counted = { ...ports, report: tally.report };
  const reason = await walkInSlot(request, counted, limits, (slot, owner, stop) =>
    walkGeneration(request, counted, { ...limits, beganAtMs }, slot, owner, stop),
  );
  const summary = tally.summary(reason, ports.clock.nowMs() - beganAtMs);
  ports.report({ kind: 'walk-ended', summary });
  return summary;
}

async function walkGeneration(
  request: WalkRequest,
  ports: WalkPorts,
  limits: WalkLimits & Pick<WalkContext, 'beganAtMs'>,
  slot: HeldSlot,
  owner: string,
  stop: AbortSignal,
): Promise<Reason> {
  const {
    beganAtMs,
    budget = byteBudget(limits.pageBytes),
    describes = pacer(ports.clock, DESCRIBE_INTERVAL_MS),
  } = limits;
  for (let isFirst = true; ; isFirst = false) {
    const pointer = await currentGeneration(request, ports);
    if (pointer.isPaused) {
      ports.report({ kind: 'paused' });
      return 'paused';
    }
    if (isFirst) ports.report({ kind: 'walk-started', worker: request.worker, generation: pointer.generation });
    if (!(await previousIsFree(request, ports, pointer, stop))) return reasonOf(stop);
    const phase = { request, ports, owner, beganAtMs, budget, pacer: describes, pointer };
    const end = await walkPhase(phase, slot, stop);
    if (end !== 'phase-changed') return end;
  }
}

/** What all phases of a walk share, and the pointer that this one is read under. */
type PhaseContext = Pick<WalkContext, 'request' | 'ports' | 'owner' | 'beganAtMs' | 'budget' | 'pacer' | 'pointer'>;

async function walkPhase(phase: PhaseContext, slot: HeldSlot, stop: AbortSignal): Promise<Reason | 'phase-changed'> {
  const { request, ports, pointer } = phase;
  const { state, clock, report, random } = ports;
  const fencePorts = {
    clock,
    random,
    readPointer: () => state.pointer(request.subscription),
    onFailure: (error: unknown) =>
      report({ kind: 'state-failed', operation: 'read the pointer', message: String(error) }),
  };
  const fence = fenceOf(pointer, fencePorts, stop);
  const shared = { ...phase, fence };
  while (!stop.aborted && !fence.ended.aborted) {
    const toRead = await nextToRead(request, ports, pointer);
    if (toRead === null) return 'no-source';
    const { stream, source, isLive } = toRead;
    if (stream.run !== undefined && stream.isDrained) {
      const facts = { isListed: false, isScanned: true, isStreamOver: false, isCaughtUp: false };
      await changePhaseIfDue(request, ports, pointer, facts);
      return 'phase-changed';
    }
    const key = { subscription: request.subscription, generation: pointer.generation, stream: stream.stream };
    const known = { rows: new ShardRows(), listing: { atMs: stream.listedAtMs }, rest: { untilMs: 0 } };
    const context = { ...shared, ports: { ...ports, source }, key, ...known };
    // Beside the reading, which a thousand rows would keep waiting.
    const forgetting = forgetRuns(request.subscription, ports, pointer, toRead.streams);
    try {
      const end = await walkStream({ context, stream, isLive, slot, stop, describeIntervalMs: DESCRIBE_INTERVAL_MS });
      if (end !== 'drained') return end;
    } finally {
      await forgetting;
    }
  }
  return fence.ended.aborted ? 'generation-changed' : reasonOf(stop);
}

/** What is read next: the table's present stream (`isLive`), one of before, or a scan; and the rows of all of them. */
type ToRead = {
  readonly stream: StreamRow;
  readonly streams: readonly StreamRow[];
  readonly source: Source;
  readonly isLive: boolean;
};

/** The stream, or the scan, to read now. */
async function nextToRead(request: WalkRequest, ports: WalkPorts, pointer: Pointer): Promise<ToRead | null> {
  const phase = phaseOf(pointer);
  if (phase.kind === 'streaming') {
    return streamToRead(request, ports, pointer);
  }
  // A worker that has lost its bootstrap scans nothing, and delivers no change while others scan.
  if (ports.scan === undefined) return null;
  const stream = await scanToRead(request, ports, pointer);
  return stream && { stream, streams: [stream], source: await runSource(ports, ports.scan, phase), isLive: false };
}

/** The row of the present run's scan. */
async function scanToRead(request: WalkRequest, ports: WalkPorts, pointer: Pointer): Promise<StreamRow | null> {
  const { run } = phaseOf(pointer);
  for (;;) {
    const rows = streamRows(await ports.state.control(request.subscription));
    const known = rows.find((row) => row.generation === pointer.generation && row.run === run);
    if (known) return known;
    const streams = rows.filter((row) => row.generation === pointer.generation && row.run === undefined);
    const latest = streams.toSorted((a, b) => b.stream.createdAtMs - a.stream.createdAtMs)[0];
    if (latest === undefined) return null;
    // The run began on the positions of the stream that is read: a later one may have come since, and ends it.
    const { arn } = (activeStream(rows, pointer.generation) ?? latest).stream;
    const row = { ...newRow(pointer, scanStream(arn, run)), run };
    await ports.state.putControl(request.subscription, row, null);
  }
}

/** The stream to read now, with a row of its own; `null`, reported, when there is none. */
async function streamToRead(request: WalkRequest, ports: WalkPorts, pointer: Pointer): Promise<ToRead | null> {
  const { source, state, report } = ports;
  const current = await source.current();
  if (current.kind === 'failed') {
    report({ kind: 'source-failed', operation: 'describe', reason: current.reason, message: current.message });
  } else if (current.kind === 'stream') {
    await meet(request, ports, pointer, current.stream);
  }
  const rows = streamRows(await state.control(request.subscription));
  const active = activeStream(rows, pointer.generation);
  if (active === null && current.kind === 'stream') {
    report({ kind: 'source-missing', reason: 'no-stream', message: `${current.stream.arn} is disabled and drained` });
  } else if (active === null && current.kind !== 'failed' && current.kind !== 'stream') {
    report({ kind: 'source-missing', reason: current.kind, message: current.message });
  }
  if (active === null) return null;
  const isPresent = current.kind === 'stream' && current.open && streamId(current.stream) === streamId(active.stream);
  return { stream: active, streams: rows, source, isLive: isPresent || current.kind === 'failed' };
}

/** Writes a stream down when the generation meets it for the first time. */
async function meet(request: WalkRequest, ports: WalkPorts, pointer: Pointer, stream: StreamIdentity): Promise<void> {
  const rows = streamRows(await ports.state.control(request.subscription));
  const row = newStreamRow(rows, pointer, stream);
  if (row === null || !(await ports.state.putControl(request.subscription, row, null))) return;
  ports.report({ kind: 'stream-found', arn: stream.arn, isReplacement: row.isReplacement });
}
