import type { Clock, FailureDestination, LeaseKey, Sink, Source, State } from '../core/ports.ts';
import type { ShardRows } from '../core/shard-rows.ts';
import type { Pointer } from '../core/subscription.ts';
import type { TableExport } from '../core/table-export.ts';
import type { Report } from '../core/walk-event.ts';
import type { WalkRequest } from '../request.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Fence } from './fence.ts';
import type { Pacer } from './pacer.ts';

/** Everything outside that a walk touches. */
export interface WalkPorts {
  readonly source: Source;
  readonly state: State;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly report: Report;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** An id that no other walk ever gets. */
  readonly newId: () => string;
  /** The table's existing items, for subscriptions with a bootstrap. */
  readonly scan?: ScanPorts;
  /** Where batches go that are given up; without one, nothing is given up. */
  readonly onFailure?: FailureDestination;
  /** Whether a record passes the subscription's filters; all do when left out. */
  readonly accepts?: (event: object) => boolean;
}

/** What a bootstrap reads. */
export interface ScanPorts {
  /** The table's size, from which the number of segments is chosen. */
  readonly tableBytes: () => Promise<number>;
  /** The table's own count of its items, some hours old, by which a run's end is estimated. */
  readonly tableItems?: () => Promise<number>;
  /** A run's scan in so many segments. */
  readonly source: (run: number, segments: number) => Source;
  /** An export of the table that the items are to come from. */
  readonly export?: ExportPorts;
}

/** An export of the table in a bucket. */
export interface ExportPorts {
  /**
   * What it is, read once.
   * @throws MillraceError when it is none that a bootstrap of this table can use.
   */
  readonly found: () => Promise<TableExport>;
  /** Its items in so many segments. */
  readonly source: (run: number, segments: number) => Source;
}

/** What bounds a walk. */
export interface WalkLimits {
  /** When the process ends (epoch milliseconds). */
  readonly deadlineMs: number;
  /** Bytes that pages in flight may take together. */
  readonly pageBytes: number;
  /** Ends the walk early and cleanly. */
  readonly stop?: AbortSignal;
  /** Where walks share a process: the bytes of `pageBytes` that they all have. @default - the walk's own */
  readonly budget?: ByteBudget;
  /** Where walks share a process: what paces all their DescribeStream calls. @default - the walk's own */
  readonly describes?: Pacer;
}

/** What all shards of one walk share. */
export interface WalkContext {
  readonly request: WalkRequest;
  readonly ports: WalkPorts;
  readonly owner: string;
  readonly pointer: Pointer;
  readonly key: LeaseKey;
  readonly fence: Fence;
  readonly budget: ByteBudget;
  /** Paces the DescribeStream calls of this worker. */
  readonly pacer: Pacer;
  /** When the last complete listing that this walk knows was made; 0 before the first. */
  readonly listing: { atMs: number };
  /** When the walk began: at a tick of its schedule. */
  readonly beganAtMs: number;
  /** Until when idle shards rest, because nothing but a listing keeps the walk from leaving; 0 while they do not. */
  readonly rest: { untilMs: number };
  /** The shards' rows as this walk knows them; a shard's own task keeps its row current. */
  readonly rows: ShardRows;
}
