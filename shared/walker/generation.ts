import { checkAge, exportStart } from '../core/export-start.ts';
import { asRequested } from '../core/run.ts';
import { startOf } from '../core/start.ts';
import { type ControlRow, type Pointer, phaseOf, type Start, type StreamRow } from '../core/subscription.ts';
import type { WalkRequest } from '../request.ts';
import type { WalkPorts } from './context.ts';

/** How often a new generation looks whether the leases of the one before are free. */
const LOOK_EVERY_MS = 1_000;

/**
 * The subscription's current generation; the first walk begins it, and stores its start before anything is listed.
 *
 * Dying after the write leaves a pointer that the next walk finds: the start stays the moment of the first walk. That a
 * subscription is given a bootstrap, or loses it, is for the walks of one worker to say: at a deployment, those of before
 * go on for a while, and would say the opposite.
 */
export async function currentGeneration(
  request: Pick<WalkRequest, 'subscription' | 'bootstrap' | 'start' | 'worker'>,
  ports: Pick<WalkPorts, 'state' | 'clock' | 'scan'>,
): Promise<Pointer> {
  for (;;) {
    const pointer = await ports.state.pointer(request.subscription);
    const nowMs = ports.clock.nowMs();
    const phase = asRequested(pointer?.phase, request.bootstrap !== undefined, nowMs);
    if (pointer !== null) {
      if (phase === null || request.worker > 0) return pointer;
      const next = { ...pointer, phase, isPreviousFree: false, revision: pointer.revision + 1 };
      if (await ports.state.putControl(request.subscription, next, pointer.revision)) return next;
      continue;
    }
    const first: Pointer = {
      kind: 'pointer',
      revision: 0,
      generation: 1,
      start: (await startOfExport(request, ports, nowMs)) ?? startOf(request.start, nowMs),
      startedAtMs: nowMs,
      isPaused: false,
      isPreviousFree: true,
      ...(phase ? { phase } : {}),
    };
    if (await ports.state.putControl(request.subscription, first, null)) return first;
  }
}

/** With an export, LATEST is a moment before it. */
async function startOfExport(
  { start, bootstrap }: Pick<WalkRequest, 'start' | 'bootstrap'>,
  { scan }: Pick<WalkPorts, 'scan'>,
  nowMs: number,
): Promise<Start | null> {
  if (bootstrap?.export === undefined || scan?.export === undefined) return null;
  const found = await scan.export.found();
  checkAge(found, nowMs);
  return start.at === 'latest' ? exportStart(found) : null;
}

/**
 * Waits until every lease of the generation or the phase before is free or expired; false when the wait was ended.
 *
 * A walk of before may claim a lease after this looked, but verifies its generation and phase before it delivers.
 */
export async function previousIsFree(
  request: WalkRequest,
  ports: WalkPorts,
  pointer: Pointer,
  stop: AbortSignal,
): Promise<boolean> {
  if (pointer.isPreviousFree) return true;
  const { state, clock } = ports;
  while (!stop.aborted) {
    const rows = await state.control(request.subscription);
    const streams = streamRows(rows).filter((row) => isBefore(row, pointer));
    const leases = await Promise.all(
      streams.map(({ stream, generation }) => state.leases({ subscription: request.subscription, generation, stream })),
    );
    const nowMs = clock.nowMs();
    if (leases.flat().every((lease) => lease.owner === null || lease.expiresAtMs <= nowMs)) {
      const next = { ...pointer, isPreviousFree: true, revision: pointer.revision + 1 };
      await state.putControl(request.subscription, next, pointer.revision);
      return true;
    }
    await clock.sleep(LOOK_EVERY_MS, stop);
  }
  return false;
}

/** Whether a stream's, or a scan's, leases belong to what was read before this pointer's generation and phase. */
function isBefore(row: StreamRow, pointer: Pointer): boolean {
  if (row.generation !== pointer.generation) return row.generation === pointer.generation - 1;
  return (row.run === undefined) === (phaseOf(pointer).kind === 'scanning');
}

export const streamRows = (rows: readonly ControlRow[]): readonly StreamRow[] =>
  rows.filter((row): row is StreamRow => row.kind === 'stream');
