import { isDeepStrictEqual } from 'node:util';
import type { LeaseRow } from '../core/lease.ts';
import { busyUntilMs } from '../core/operations.ts';
import type { LeaseKey, State } from '../core/ports.ts';
import { noticeOf } from '../core/recorded-gap.ts';
import type { Lister, Pointer, StreamRow } from '../core/subscription.ts';
import type { OperationPorts, Refusal } from './ports.ts';
import { streamRowsOf } from './reading.ts';

/** A generation that is to take the place of the current one. */
export interface NewGeneration {
  readonly pointer: Pointer;
  readonly streams: readonly { readonly row: StreamRow; readonly leases: readonly LeaseRow[] }[];
}

/** How often held leases are looked at again. */
const LOOK_EVERY_MS = 500;

/**
 * Writes all rows of a new generation, and then switches the pointer to it in one conditional write.
 *
 * Nobody reads the rows before the switch, and dying before it leaves rows of a generation whose number is never used
 * again. The pointer must be as it was read.
 */
export async function switchGeneration(
  { state }: OperationPorts,
  subscription: string,
  next: NewGeneration,
  revision: number | null,
): Promise<{ readonly kind: 'done'; readonly pointer: Pointer } | { readonly kind: 'changed' }> {
  for (const { row, leases } of next.streams) {
    if (!(await state.putControl(subscription, row, null))) return { kind: 'changed' };
    const key: LeaseKey = { subscription, generation: row.generation, stream: row.stream };
    for (const { gap } of leases) if (gap !== null) await state.putGap(subscription, noticeOf(gap));
    await state.createLeases(key, leases);
    if (!isSame(await state.leases(key), leases)) return { kind: 'changed' };
  }
  if (!(await state.putControl(subscription, next.pointer, revision))) return { kind: 'changed' };
  await freeLister(state, subscription);
  return { kind: 'done', pointer: next.pointer };
}

/** A new generation begins with a listing, and the last lister's lease would hold it up for a minute: two do no harm. */
async function freeLister(state: State, subscription: string): Promise<void> {
  const lister = (await state.control(subscription)).find((row): row is Lister => row.kind === 'lister');
  if (lister === undefined || lister.owner === null) return;
  const next: Lister = { ...lister, owner: null, expiresAtMs: 0, revision: lister.revision + 1 };
  await state.putControl(subscription, next, lister.revision);
}

/**
 * Waits until nobody holds a lease of the current generation, or of those before that it still waits for.
 *
 * The subscription is paused: what is free now is not delivered from any more, because every walk reads the pointer
 * after it claims and before it delivers. `null`: all is free.
 */
export async function untilFree(
  { state, clock }: OperationPorts,
  subscription: string,
  pointer: Pointer,
  waitMs: number,
): Promise<Extract<Refusal, { kind: 'busy' }> | null> {
  const giveUpAtMs = clock.nowMs() + waitMs;
  for (;;) {
    const rows = streamRowsOf(await state.control(subscription)).filter(
      (row) =>
        row.generation === pointer.generation || (!pointer.isPreviousFree && row.generation < pointer.generation),
    );
    const leases = await Promise.all(
      rows.map(({ generation, stream }) => state.leases({ subscription, generation, stream })),
    );
    const untilMs = busyUntilMs(leases.flat(), clock.nowMs());
    if (untilMs === 0) return null;
    if (clock.nowMs() >= giveUpAtMs) return { kind: 'busy', untilMs };
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** Whether exactly these rows are stored, in whatever order. */
function isSame(stored: readonly LeaseRow[], wanted: readonly LeaseRow[]): boolean {
  const byId = new Map(stored.map((row) => [row.shardId, row]));
  return stored.length === wanted.length && wanted.every((row) => isDeepStrictEqual(byId.get(row.shardId), row));
}
