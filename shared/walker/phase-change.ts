import type { PositionFacts } from '../core/export-start.ts';
import { nextPhase, type PhaseFacts } from '../core/phase.ts';
import type { StreamIdentity } from '../core/ports.ts';
import { isCaughtUpSince } from '../core/scan.ts';
import { type Pointer, phaseOf, type StreamRow, streamId } from '../core/subscription.ts';
import type { WalkRequest } from '../request.ts';
import type { WalkContext, WalkPorts } from './context.ts';
import { runBeginning } from './run-beginning.ts';
import { progressOf, type ShardSession } from './shard-session.ts';

/**
 * Writes the next phase where it is due; true when the phase has changed, by this walk or another, or its stream has: then
 * what is to be read has to be found anew.
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
  if (due.kind === 'scanning') {
    const proof = await proofOf(ports, facts);
    if (proof !== 'present') return proof === 'past';
  }
  const begun = due.run > phase.run ? await runBeginning(request, scan, due, facts.positions) : due;
  const next = { ...pointer, phase: begun, isPreviousFree: false, revision: pointer.revision + 1 };
  const isChanged = await state.putControl(request.subscription, next, pointer.revision);
  if (isChanged) report({ kind: 'phase-changed', phase: due.kind, run: due.run, isRunDone: due.isRunDone });
  return isChanged;
}

/** What a walk knows that decides on the next phase; as long as it reads changes, of which stream, and where it is. */
type WalkFacts = PhaseFacts & { readonly stream?: StreamIdentity; readonly positions?: PositionFacts };

/**
 * Whether the table still has the stream that this walk reads. It was asked for when the walk began, minutes ago: a scan
 * that begins on the positions of a stream of before has its items undone by what is left of that stream.
 */
async function proofOf({ source, report }: WalkPorts, { stream }: WalkFacts): Promise<'present' | 'past' | 'unknown'> {
  const current = await source.current();
  if (current.kind === 'failed') {
    report({ kind: 'source-failed', operation: 'describe', reason: current.reason, message: current.message });
    return 'unknown';
  }
  if (current.kind !== 'stream' || !current.open || stream === undefined) return 'past';
  return streamId(current.stream) === streamId(stream) ? 'present' : 'past';
}

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
      stream: stream.stream,
      positions: { start: pointer.start, streamCreatedAtMs: stream.stream.createdAtMs, rows: [...rows.values()] },
    }),
  };
}

/** A scan goes on for an hour before the changes since are delivered: far from the stream's 24. */
const DEFAULT_SLICE_MS = 60 * 60_000;
