import { type Lister, type Pointer, type Slot, type StreamRow, streamId } from '../core/subscription.ts';
import type { WalkSummary } from '../core/walk-event.ts';
import { activeWorkers, presentOwners } from '../core/walk-plan.ts';
import type { WalkContext } from './context.ts';
import { isSame } from './fence.ts';
import { streamRows } from './generation.ts';
import type { HeldSlot } from './slot-holder.ts';

/** Why reading a stream ended. */
export type WalkEnd = WalkSummary['reason'] | 'drained' | 'phase-changed';

/** What a refresh found. */
export interface WalkView {
  readonly pointer: Pointer | null;
  readonly lister: Lister | null;
  readonly stream: StreamRow;
  /** All streams of the subscription. */
  readonly streams: readonly StreamRow[];
  readonly workers: number;
  /** The owners of the walks that run now. */
  readonly owners: readonly string[];
  readonly end: WalkEnd | null;
}

/** What a walk looks at: the rows of its subscription, and its own slot. */
interface Viewed {
  readonly context: WalkContext;
  readonly slot: HeldSlot;
}

/** The view of a walk that has not looked yet. */
export const firstView = (stream: StreamRow, owner: string): WalkView => ({
  pointer: null,
  lister: null,
  stream,
  streams: [],
  workers: 1,
  owners: [owner],
  end: null,
});

/** Looks at the subscription's rows, and renews the walk's slot where that is due. */
export async function refresh({ context, slot }: Viewed, known: StreamRow): Promise<WalkView> {
  const control = await context.ports.state.control(context.request.subscription);
  const pointer = control.find((row): row is Pointer => row.kind === 'pointer');
  const streams = streamRows(control);
  const stream = sameStream(streams, known) ?? known;
  const slots = control.filter((row): row is Slot => row.kind === 'slot');
  const nowMs = context.ports.clock.nowMs();
  const workers = activeWorkers(slots, nowMs);
  const owners = presentOwners(slots, nowMs);
  const ended = (end: WalkEnd): WalkView => ({ pointer: null, lister: null, stream, streams, workers, owners, end });
  if (pointer?.generation !== context.pointer.generation) return ended('generation-changed');
  if (pointer.isPaused) return ended('paused');
  if (!isSame(pointer, context.pointer)) return ended('phase-changed');
  if (!(await slot.renew())) return ended('slot-held');
  const lister = control.find((row): row is Lister => row.kind === 'lister') ?? null;
  return { pointer, lister, stream, streams, workers, owners, end: null };
}

const sameStream = (rows: readonly StreamRow[], stream: StreamRow): StreamRow | undefined =>
  rows.find((row) => row.generation === stream.generation && streamId(row.stream) === streamId(stream.stream));
