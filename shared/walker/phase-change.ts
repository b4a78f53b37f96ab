import type { PositionFacts } from '../core/export-start.ts';
import { nextPhase, type PhaseFacts } from '../core/phase.ts';
import { isCaughtUpSince } from '../core/scan.ts';
import { type Pointer, phaseOf, type StreamRow } from '../core/subscription.ts';
import type { WalkRequest } from '../request.ts';
import type { WalkContext, WalkPorts } from './context.ts';
import { runBeginning } from './run-beginning.ts';
import { progressOf, type ShardSession } from './shard-session.ts';

/**
 * Writes the next phase where it is due; true when the phase has changed, by this walk or another.
 *
 * The pointer's revision decides between workers. Dying after the write leaves the phase to the others; leases of the
 * phase before are waited for by whoever claims under the new one.
 */
export async function changePhaseIfDue(
  request: WalkRequest,
  ports: WalkPorts,
  pointer: Pointer,
  facts: WalkFacts,
): Promise<boolean> {
  const { scan, clock, state, report } = ports;
  if (scan === undefined || pointer.phase === undefined) return false;
  const phase = phaseOf(pointer);
  const sliceMs = request.bootstrap?.sliceMs ?? DEFAULT_SLICE_MS;
  const due = nextPhase(phase, facts, { sliceMs, segments: 1 }, clock.nowMs());
  if (due === null) return false;
  const begun = due.run > phase.run ? await runBeginning(request, scan, due, facts.positions) : due;
  const next = { ...pointer, phase: begun, isPreviousFree: false, revision: pointer.revision + 1 };
  const isChanged = await state.putControl(request.subscription, next, pointer.revision);
  if (isChanged) report({ kind: 'phase-changed', phase: due.kind, run: due.run, isRunDone: due.isRunDone });
  return isChanged;
}

/** What a walk knows that decides on the next phase; where the positions are, as long as it reads changes. */
type WalkFacts = PhaseFacts & { readonly positions?: PositionFacts };

/** What the rows, and the shards that this walk reads, tell of the next phase. */
export function phaseFacts(
  context: WalkContext,
  pointer: Pointer,
  stream: StreamRow,
  sessions: readonly ShardSession[],
): WalkFacts {
  const rows = new Map(context.rows);
  for (const session of sessions) {
    const row = rows.get(session.keeper.row().shardId);
    if (row && row.position.at !== 'shard-end') rows.set(row.shardId, { ...row, ...progressOf(session) });
  }
  const isScan = stream.run !== undefined;
  return {
    isListed: !isScan && stream.isFirstListingComplete,
    isScanned: isScan && stream.isDrained,
    isStreamOver: context.ports.source.isStreamOver?.() ?? false,
    isCaughtUp: !isScan && stream.isFirstListingComplete && isCaughtUpSince(rows.values(), phaseOf(pointer).beganAtMs),
    ...(!isScan && {
      positions: { start: pointer.start, streamCreatedAtMs: stream.stream.createdAtMs, rows: [...rows.values()] },
    }),
  };
}

/** A scan goes on for an hour before the changes since are delivered: far from the stream's 24. */
const DEFAULT_SLICE_MS = 60 * 60_000;
