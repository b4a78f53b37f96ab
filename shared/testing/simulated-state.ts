import type { LeaseRow } from '../core/lease.ts';
import type { Clock, LeaseKey, State, Written } from '../core/ports.ts';
import type { GapNotice } from '../core/record.ts';
import { noticeOf, type RecordedGap } from '../core/recorded-gap.ts';
import { type ControlRow, controlRowId, streamId } from '../core/subscription.ts';

/** A lease that was written: as it was (`null`: it is new) and as it is. */
export interface LeaseWrite {
  readonly key: LeaseKey;
  readonly previous: LeaseRow | null;
  readonly next: LeaseRow;
}

export interface SimulatedStateOptions {
  readonly clock: Clock;
  /** Told of every lease that is written, at the moment it is. */
  readonly onLease?: (write: LeaseWrite) => void;
  /** Told of every control row that is written. */
  readonly onControl?: (subscription: string, previous: ControlRow | null, next: ControlRow) => void;
  /** Told of every gap that is written down, also of one that was before. */
  readonly onGap?: (subscription: string, gap: GapNotice) => void;
}

/** A state in memory: strongly consistent, each write atomic and conditional as the port asks. */
export interface SimulatedState extends State {
  /** All leases of a subscription, of every generation and stream. */
  readonly allLeases: (subscription: string) => readonly { readonly key: LeaseKey; readonly row: LeaseRow }[];
}

interface Stored {
  readonly key: LeaseKey;
  readonly row: LeaseRow;
  readonly removeAtMs: number;
}

export function simulatedState(options: SimulatedStateOptions): SimulatedState {
  const { clock } = options;
  const controls = new Map<string, Map<string, ControlRow>>();
  const tables = new Map<string, Map<string, Stored>>();
  const gaps = new Map<string, Map<string, RecordedGap>>();
  let soonestRemovalMs = Number.POSITIVE_INFINITY;

  const controlsOf = (subscription: string) => {
    const rows = entry(controls, subscription);
    for (const [id, row] of rows) if (row.kind === 'stream' && isDue(row.removeAtMs)) rows.delete(id);
    return rows;
  };
  const isDue = (removeAtMs: number | undefined): boolean => removeAtMs !== undefined && removeAtMs <= clock.nowMs();
  const rowsOf = (key: LeaseKey) => {
    const rows = entry(tables, JSON.stringify([key.subscription, key.generation, streamId(key.stream)]));
    if (clock.nowMs() >= soonestRemovalMs) {
      for (const [shardId, { removeAtMs }] of rows) if (removeAtMs <= clock.nowMs()) rows.delete(shardId);
    }
    return rows;
  };
  const put = (key: LeaseKey, next: LeaseRow): void => {
    const rows = rowsOf(key);
    const stored = rows.get(next.shardId);
    rows.set(next.shardId, { key, row: frozen(next), removeAtMs: stored?.removeAtMs ?? Number.POSITIVE_INFINITY });
    options.onLease?.({ key, previous: stored?.row ?? null, next });
  };

  const update = (key: LeaseKey, previous: LeaseRow, next: LeaseRow, children: readonly LeaseRow[]): Written => {
    const current = rowsOf(key).get(previous.shardId)?.row ?? null;
    const isAsRead =
      current?.owner === previous.owner && current.epoch === previous.epoch && current.revision === previous.revision;
    if (!isAsRead) return { ok: false, current };
    const isCleared = next.claimant === null && previous.claimant !== null;
    put(key, { ...next, claimant: isCleared ? null : current.claimant });
    for (const child of children) if (!rowsOf(key).has(child.shardId)) put(key, child);
    return { ok: true };
  };

  return {
    control: async (subscription) => [...controlsOf(subscription).values()],
    pointer: async (subscription) => {
      const row = controlsOf(subscription).get('pointer');
      return row?.kind === 'pointer' ? row : null;
    },
    putControl: async (subscription, next, revision) => {
      const rows = controlsOf(subscription);
      const current = rows.get(controlRowId(next)) ?? null;
      if ((current?.revision ?? null) !== revision) return false;
      rows.set(controlRowId(next), frozen(next));
      options.onControl?.(subscription, current, next);
      return true;
    },
    leases: async (key) => [...rowsOf(key).values()].map(shown),
    lease: async (key, shardId) => {
      const stored = rowsOf(key).get(shardId);
      return stored ? shown(stored) : null;
    },
    createLeases: async (key, leases) => {
      for (const row of leases) if (!rowsOf(key).has(row.shardId)) put(key, row);
    },
    updateLease: async (key, previous, next) => update(key, previous, next, []),
    finishLease: async (key, previous, next, children) => update(key, previous, next, children),
    requestLease: async (key, { shardId, owner, epoch }, claimant) => {
      const current = rowsOf(key).get(shardId)?.row;
      if (!current || current.owner !== owner || current.epoch !== epoch) return false;
      if (current.claimant !== null && current.claimant !== claimant) return false;
      put(key, { ...current, claimant });
      return true;
    },
    expireLeases: async (key, shardIds, removeAtMs) => {
      const rows = rowsOf(key);
      soonestRemovalMs = Math.min(soonestRemovalMs, removeAtMs);
      for (const shardId of shardIds) {
        const stored = rows.get(shardId);
        if (stored?.removeAtMs === Number.POSITIVE_INFINITY) rows.set(shardId, { ...stored, removeAtMs });
      }
    },
    putGap: async (subscription, gap) => {
      const known = entry(gaps, subscription);
      if (!known.has(gap.id)) known.set(gap.id, frozen(gap));
      options.onGap?.(subscription, gap);
    },
    gaps: async (subscription) => [...entry(gaps, subscription).values()],
    acceptGap: async (key, previous, next, acceptance) => {
      const outcome = update(key, previous, next, []);
      const known = entry(gaps, key.subscription);
      const gap = known.get(previous.gap.id) ?? noticeOf(previous.gap);
      if (outcome.ok) known.set(gap.id, frozen({ ...gap, accepted: acceptance }));
      return outcome;
    },
    allLeases: (subscription) =>
      [...tables.values()].flatMap((rows) => [...rows.values()]).filter(({ key }) => key.subscription === subscription),
  };
}

function entry<Value>(maps: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  const known = maps.get(name) ?? new Map<string, Value>();
  maps.set(name, known);
  return known;
}

/** A row as it is read: with the moment of its removal, which is beside it. */
const shown = ({ row, removeAtMs }: Stored): LeaseRow =>
  removeAtMs === Number.POSITIVE_INFINITY ? row : { ...row, removeAtMs };

/** A stored row is nobody's to change. */
const frozen = <T extends object>(row: T): T => Object.freeze({ ...row });
