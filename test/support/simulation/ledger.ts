import type { LeaseRow } from '../../../shared/core/lease.ts';
import { unseenShardsId } from '../../../shared/core/listing-plan.ts';
import type { GapNotice } from '../../../shared/core/record.ts';
import type { Pointer, Start } from '../../../shared/core/subscription.ts';
import type { SimulatedClock } from '../../../shared/testing/simulated-clock.ts';
import type { SimulatedRecord } from '../../../shared/testing/simulated-record.ts';
import type { SimulatedShard, SimulatedStreamLife } from '../../../shared/testing/simulated-shard.ts';
import type { SimulatedSource } from '../../../shared/testing/simulated-source.ts';
import type { SimulatedStream } from '../../../shared/testing/simulated-stream.ts';
import type { Process } from './process.ts';

export const RETENTION_MS = 24 * 60 * 60 * 1000;

/** What must never happen, and did. `invariant` is one of I1 to I7, or a decision (D2, D4) of the design. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly atMs: number;
}

/** One generation as it really went. */
export interface GenerationTruth {
  readonly generation: number;
  readonly start: Start;
  readonly startedAtMs: number;
  /** Records (by event id) that a handler accepted in an answer. */
  readonly accepted: Set<string>;
  /** Lost records that a gap in their shard's row told of when its position passed them. */
  readonly told: Set<string>;
  /** Records that a handler was given, and the newest of each item. */
  readonly given: Set<string>;
  readonly newestGiven: Map<string, number>;
  readonly rows: Map<string, LeaseRow>;
  /** How many of each shard's records its stored position has passed. */
  readonly passed: Map<string, number>;
  /** Ids of the gaps that its rows have been at. */
  readonly gaps: Set<string>;
  /** ARNs of the streams that have a row. */
  readonly streams: Set<string>;
}

/** What is true, kept beside the walker: the checks compare it with what the walker does. */
export interface Ledger {
  readonly clock: SimulatedClock;
  readonly source: SimulatedSource;
  readonly stream: SimulatedStream;
  readonly violations: Violation[];
  readonly violate: (invariant: string, message: string) => void;
  readonly pointer: () => Pointer | null;
  readonly pointerWritten: (pointer: Pointer) => void;
  readonly streamWritten: (generation: number, arn: string) => void;
  /** The gaps that shards of the current generation are halted at. */
  readonly haltedAt: () => readonly string[];
  /** Since when the subscription is paused; `null` when it is not. */
  readonly pausedAtMs: () => number | null;
  /** Every generation that began, oldest first. */
  readonly generations: Map<number, GenerationTruth>;
  readonly lifeOf: (shardId: string) => SimulatedStreamLife | undefined;
  readonly shard: (shardId: string) => SimulatedShard | undefined;
  /** The stream whose unseen shards a row stands for. */
  readonly unseenLife: (shardId: string) => SimulatedStreamLife | undefined;
  readonly recordOf: (eventId: string) => SimulatedRecord | undefined;
  readonly recordWritten: (record: SimulatedRecord) => void;
  readonly gaps: { readonly gap: GapNotice; readonly notedAtMs: number }[];
  /** The generation in which this process holds the shard now. */
  readonly heldBy: (process: Process, shardId: string) => GenerationTruth | undefined;
  readonly isOwner: (process: Process, row: LeaseRow | null) => boolean;
  /** Whether this generation owes this record to the handler. */
  readonly isOwed: (generation: GenerationTruth, record: SimulatedRecord) => boolean;
  /** Whether the subscription's filter lets it through. */
  readonly passes: (event: object) => boolean;
  readonly isLost: (record: SimulatedRecord) => boolean;
  /** Whether a gap was noted, when the record was lost already, that tells of its shard. */
  readonly isToldAsGap: (generation: GenerationTruth, record: SimulatedRecord) => boolean;
}

/** The order in which records were written: ids count them. */
export const orderOf = (record: SimulatedRecord): number => Number.parseInt(record.event.eventID, 16);

export function ledgerOf(
  clock: SimulatedClock,
  stream: SimulatedStream,
  source: SimulatedSource,
  passes: (event: object) => boolean,
): Ledger {
  const generations = new Map<number, GenerationTruth>();
  const violations: Violation[] = [];
  const gaps: { gap: GapNotice; notedAtMs: number }[] = [];
  const records = new Map<string, SimulatedRecord>();
  const streams = new Map<number, Set<string>>();
  let pointer: Pointer | null = null;
  let pausedAtMs: number | null = null;

  const streamsOf = (generation: number): Set<string> => {
    const known = streams.get(generation) ?? new Set();
    streams.set(generation, known);
    return known;
  };
  const lifeOf = (shardId: string) => stream.lives.find((life) => life.shards.has(shardId));
  const shard = (shardId: string) => lifeOf(shardId)?.shards.get(shardId);
  const isOwner = (process: Process, row: LeaseRow | null) => row?.owner != null && process.ids.has(row.owner);
  const isLost = (record: SimulatedRecord) => record.writtenAtMs + RETENTION_MS <= clock.nowMs();

  const isAncestor = (ancestorId: string, shardId: string): boolean =>
    (shard(shardId)?.parents ?? []).some((parent) => parent === ancestorId || isAncestor(ancestorId, parent));
  const unseenLife = (shardId: string) => stream.lives.find(({ identity }) => unseenShardsId(identity) === shardId);
  const tellsOf = (gap: GapNotice, shardId: string, generation: GenerationTruth): boolean => {
    if (gap.shardId === shardId) return true;
    // Of a shard that has a row, its own gap must tell; of one that nobody met, a gap of its kin.
    if (generation.rows.has(shardId)) return false;
    if (unseenLife(gap.shardId)?.shards.has(shardId)) return true;
    if (isAncestor(gap.shardId, shardId) || isAncestor(shardId, gap.shardId)) return true;
    const [told, lost] = [lifeOf(gap.shardId), lifeOf(shardId)];
    return (
      gap.reason === 'stream-replaced' && !!told && !!lost && told.identity.createdAtMs > lost.identity.createdAtMs
    );
  };

  const isOwed = (generation: GenerationTruth, record: SimulatedRecord): boolean => {
    const { start, startedAtMs, streams } = generation;
    if (!passes(record.event)) return false;
    if (start.at !== 'trim-horizon' && record.createdAtMs < start.momentMs) return false;
    const life = lifeOf(record.shardId)!;
    if (record.writtenAtMs >= startedAtMs) {
      // A stream that was replaced before any walk could see it is nobody's to tell of.
      return (
        streams.has(life.identity.arn) ||
        stream.lives.some(
          (earlier) => earlier.identity.createdAtMs < life.identity.createdAtMs && streams.has(earlier.identity.arn),
        )
      );
    }
    if (!streams.has(life.identity.arn)) return false;
    // A moment is a promise of what was still there when the generation began; the trim horizon of what is there when it is read.
    return start.at === 'trim-horizon' ? !isLost(record) : record.writtenAtMs + RETENTION_MS > startedAtMs;
  };

  return {
    clock,
    source,
    stream,
    violations,
    violate: (invariant, message) => violations.push({ invariant, message, atMs: clock.nowMs() }),
    pointer: () => pointer,
    pausedAtMs: () => pausedAtMs,
    pointerWritten: (next) => {
      if (!next.isPaused) pausedAtMs = null;
      else pausedAtMs ??= clock.nowMs();
      pointer = next;
      if (generations.has(next.generation)) return;
      generations.set(next.generation, {
        generation: next.generation,
        start: next.start,
        startedAtMs: clock.nowMs(),
        accepted: new Set(),
        told: new Set(),
        given: new Set(),
        newestGiven: new Map(),
        rows: new Map(),
        passed: new Map(),
        gaps: new Set(),
        streams: streamsOf(next.generation),
      });
    },
    streamWritten: (generation, arn) => streamsOf(generation).add(arn),
    haltedAt: () =>
      [...(generations.get(pointer?.generation ?? 0)?.rows.values() ?? [])].flatMap(({ gap }) =>
        gap?.status === 'halted' ? [gap.id] : [],
      ),
    generations,
    lifeOf,
    shard,
    unseenLife,
    recordOf: (eventId) => records.get(eventId),
    recordWritten: (record) => records.set(record.event.eventID, record),
    gaps,
    heldBy: (process, shardId) =>
      [...generations.values()].findLast(({ rows }) => isOwner(process, rows.get(shardId) ?? null)),
    isOwner,
    passes,
    isOwed,
    isLost,
    isToldAsGap: (generation, { writtenAtMs, shardId }) =>
      gaps.some(({ gap, notedAtMs }) => notedAtMs >= writtenAtMs + RETENTION_MS && tellsOf(gap, shardId, generation)),
  };
}
