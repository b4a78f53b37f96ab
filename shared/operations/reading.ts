import { isOfChanges } from '../core/operations.ts';
import type { ReadStream } from '../core/operations-plan.ts';
import type { State } from '../core/ports.ts';
import type { ControlRow, Pointer, StreamRow } from '../core/subscription.ts';

/** A subscription as its rows tell. */
export interface Loaded {
  readonly control: readonly ControlRow[];
  readonly pointer: Pointer;
  /** The streams of the current generation, oldest first, with their shards. */
  readonly streams: readonly ReadStream[];
}

/** Reads a subscription; `null` when nothing ever began it. */
export async function loadSubscription(state: State, subscription: string): Promise<Loaded | null> {
  const control = await state.control(subscription);
  const pointer = control.find((row): row is Pointer => row.kind === 'pointer');
  if (pointer === undefined) return null;
  const rows = streamRowsOf(control)
    .filter((row) => row.generation === pointer.generation && isOfChanges(row))
    .toSorted((a, b) => a.stream.createdAtMs - b.stream.createdAtMs);
  const streams = await Promise.all(
    rows.map(async (row) => ({ row, leases: await state.leases({ subscription, ...row }) })),
  );
  return { control, pointer, streams };
}

export const streamRowsOf = (control: readonly ControlRow[]): readonly StreamRow[] =>
  control.filter((row): row is StreamRow => row.kind === 'stream');
