import type { SequenceRange } from './batch.ts';
import type { GapNotice } from './record.ts';
import type { RunProgress } from './scan-progress.ts';
import type { TableState } from './table-registry.ts';

/** What a walk reports, typed; the entry point turns it into logs and metrics. */
export type WalkEvent =
  | { readonly kind: 'walk-started'; readonly worker: number; readonly generation: number }
  | { readonly kind: 'slot-held'; readonly worker: number }
  | { readonly kind: 'slot-awaited'; readonly worker: number }
  | { readonly kind: 'slot-handed-over'; readonly worker: number }
  | { readonly kind: 'paused' }
  | {
      readonly kind: 'phase-changed';
      readonly phase: 'streaming' | 'scanning';
      readonly run: number;
      readonly isRunDone: boolean;
    }
  | { readonly kind: 'source-missing'; readonly reason: 'no-table' | 'no-stream'; readonly message: string }
  | { readonly kind: 'source-failed'; readonly operation: string; readonly reason: string; readonly message: string }
  | { readonly kind: 'stream-found'; readonly arn: string; readonly isReplacement: boolean }
  | { readonly kind: 'stream-drained'; readonly arn: string }
  | { readonly kind: 'shards-listed'; readonly shards: number; readonly created: number }
  | { readonly kind: 'lease-claimed'; readonly shardId: string; readonly epoch: number; readonly tookOver: boolean }
  | { readonly kind: 'lease-lost'; readonly shardId: string; readonly epoch: number }
  | { readonly kind: 'lease-released'; readonly shardId: string }
  | { readonly kind: 'shard-finished'; readonly shardId: string; readonly children: number }
  | { readonly kind: 'children-not-visible'; readonly shardId: string }
  | { readonly kind: 'iterator-expired'; readonly shardId: string }
  | { readonly kind: 'page-read'; readonly shardId: string; readonly records: number }
  | {
      readonly kind: 'records-skipped';
      readonly shardId: string;
      readonly records: number;
      readonly reason: 'before-start' | 'filtered';
    }
  | {
      readonly kind: 'batch-delivered';
      readonly shardId: string;
      readonly records: number;
      readonly bytes: number;
      readonly durationMs: number;
      /** From the newest settled record's creation to now. */
      readonly lagMs: number;
    }
  | ({
      readonly kind: 'batch-failed';
      readonly shardId: string;
      readonly records: number;
      readonly attempt: number;
      readonly message: string;
    } & SequenceRange)
  | { readonly kind: 'batch-refused'; readonly shardId: string; readonly reason: string; readonly message: string }
  | { readonly kind: 'delivery-unanswered'; readonly shardId: string; readonly message: string }
  | ({
      readonly kind: 'batch-given-up';
      readonly shardId: string;
      readonly records: number;
      readonly condition: string;
    } & SequenceRange)
  | {
      readonly kind: 'destination-refused';
      readonly shardId: string;
      readonly records: number;
      readonly message: string;
    }
  | { readonly kind: 'gap'; readonly gap: GapNotice; readonly halted: boolean }
  | { readonly kind: 'state-written'; readonly operation: string }
  | { readonly kind: 'state-failed'; readonly operation: string; readonly message: string }
  | { readonly kind: 'lineage-violated'; readonly shardId: string; readonly parent: string; readonly message: string }
  | {
      /** A pattern's table is found, or is in another state than before. */
      readonly kind: 'table-state';
      /** Its region and name: `eu-west-1/orders`. */
      readonly table: string;
      readonly tableId: string;
      readonly state: TableState;
      readonly reason: string;
    }
  | { readonly kind: 'tables-listed'; readonly region: string; readonly tables: number }
  /** A pattern's tables at one moment, of all workers. */
  | { readonly kind: 'tables-seen'; readonly active: number; readonly waiting: number; readonly broken: number }
  | ({ readonly kind: 'shards-seen'; readonly activeWorkers: number } & ShardFigures)
  | { readonly kind: 'walk-ended'; readonly summary: WalkSummary };

/** A subscription's shards at one moment. */
export interface ShardFigures {
  /** Shards that can be read now. */
  readonly openShards: number;
  /** Shards whose parents are not at their end yet. */
  readonly waitingShards: number;
  readonly finishedShards: number;
  /** Shards that a gap holds until an operator accepts it. */
  readonly haltedShards: number;
  /** The oldest lag of any shard; 0 when all are caught up. */
  readonly lagMs: number;
  /** How long the source keeps its records, where a walk got to know. @default a day */
  readonly retentionMs?: number;
  /** How far the run is, while a slice of it is scanned. */
  readonly run?: RunProgress;
}

/** One walk in figures. */
export interface WalkSummary extends ShardFigures {
  readonly reason:
    | 'hand-over'
    | 'idle'
    | 'slot-held'
    | 'paused'
    | 'no-source'
    | 'stopped'
    | 'generation-changed'
    | 'failed';
  readonly durationMs: number;
  readonly records: number;
  readonly batches: number;
  readonly failures: number;
  readonly pages: number;
  readonly stateWrites: number;
  readonly gaps: number;
}

/** Takes a walk's events; those of one of a pattern's tables name it: `eu-west-1/orders`. */
export type Report = (event: WalkEvent & { readonly table?: string }) => void;
