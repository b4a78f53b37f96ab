import type { FailedBatch } from './failed-batch.ts';
import type { LeaseRow } from './lease.ts';
import type { Position } from './position.ts';
import type { GapNotice } from './record.ts';
import type { Acceptance, GapLease, RecordedGap } from './recorded-gap.ts';
import type { ControlRow, Pointer } from './subscription.ts';

/** Time as the shell sees it. Nothing else in Millrace reads a clock or starts a timer. */
export interface Clock {
  readonly nowMs: () => number;
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects, and leaves no timer behind. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** A call that failed in a way that passes by itself: to be repeated with backoff, and proof of nothing. */
export interface Failed {
  readonly kind: 'failed';
  readonly reason: 'throttled' | 'unavailable' | 'denied';
  readonly message: string;
}

/** One life of a stream: a stream that is turned off and on, or re-created, is another one. */
export interface StreamIdentity {
  readonly arn: string;
  readonly createdAtMs: number;
}

export type CurrentStream =
  | { readonly kind: 'stream'; readonly stream: StreamIdentity; readonly open: boolean }
  | { readonly kind: 'no-stream' | 'no-table'; readonly message: string }
  | Failed;

/** A shard as its source lists it. */
export interface ListedShard {
  readonly shardId: string;
  /** None for a root, two after a merge (Kinesis only). A parent named here need not be listed itself. */
  readonly parents: readonly string[];
  readonly startingSequenceNumber: string;
  readonly isClosed: boolean;
  /** When the shard was created, where its id tells; `null` where it does not. */
  readonly createdAtMs: number | null;
}

export type ListedPage =
  | {
      readonly kind: 'page';
      readonly shards: readonly ListedShard[];
      /** Where the next page starts; `null` at the last. */
      readonly next: string | null;
      /** Whether new shards may still appear: false once the stream is disabled. */
      readonly open: boolean;
    }
  | { readonly kind: 'gone' }
  | Failed;

export type Children =
  | { readonly kind: 'children'; readonly shards: readonly ListedShard[] }
  | { readonly kind: 'unsupported' }
  | Failed;

export type Opened =
  | { readonly kind: 'opened'; readonly iterator: string }
  /** The position is older than what the stream still keeps. */
  | { readonly kind: 'trimmed' }
  /** The shard is no longer there at all. */
  | { readonly kind: 'gone' }
  | Failed;

/** One record on its way through: the walker looks at these fields and passes `event` on untouched. */
export interface SourceRecord {
  readonly sequenceNumber: string;
  readonly createdAtMs: number;
  /** The item's key as JSON: equal exactly for changes of the same item. */
  readonly itemKey: () => string;
  /** The record in the JSON of Lambda's event. */
  readonly event: object;
  /** The text of `event`, where the source has it: then nobody need make it, nor read `event`. */
  readonly text?: string;
  /** Where reading goes on after the record; after its sequence number, when left out. */
  readonly position?: Position;
  /**
   * What filters look at, where that is not the event; `null` where they have nothing to look at: such a record passes.
   * It is about no item, or nobody can read it, and then the handler is to fail.
   */
  readonly content?: object | null;
}

export type Page =
  | {
      readonly kind: 'page';
      readonly records: readonly SourceRecord[];
      /** `null` at the shard's end, also when this very page still has records. */
      readonly next: string | null;
      /** How far behind the shard's newest record the page ends (milliseconds), where the source tells; 0: caught up. */
      readonly behindMs?: number;
    }
  | { readonly kind: 'expired' }
  | { readonly kind: 'trimmed' }
  | { readonly kind: 'gone' }
  | Failed;

/**
 * Gives the shards and records of one table's (or Kinesis stream's) changes.
 *
 * Implementations translate their service's errors into the unions above and never retry longer than a few hundred
 * milliseconds by themselves: the walker backs off per shard. Listings may contradict themselves; nothing here repairs
 * them. Anything thrown is treated like `failed`.
 */
export interface Source {
  /** Which stream the table has now: asked on every walk, so that a re-created stream is noticed. */
  readonly current: () => Promise<CurrentStream>;
  /** One page of the listing; the walker paces the calls. */
  readonly listShards: (stream: StreamIdentity, after: string | null) => Promise<ListedPage>;
  /** The direct children of a closed shard, where the source can tell without a full listing. */
  readonly childrenOf: (stream: StreamIdentity, shardId: string) => Promise<Children>;
  readonly open: (stream: StreamIdentity, shardId: string, position: Position) => Promise<Opened>;
  readonly read: (stream: StreamIdentity, iterator: string) => Promise<Page>;
  /**
   * How long the source keeps its records (milliseconds); infinite for a scan, which can lose nothing.
   * @default STREAM_RETENTION_MS
   */
  readonly retentionMs?: number;
  /** How long an iterator of this source can be used, less a safety margin: 14 minutes for DynamoDB Streams. */
  readonly iteratorLifetimeMs: number;
  /**
   * Whether reading goes on silently with what is left where a position's data is trimmed: then the walker compares the
   * position's age with the retention, which is known once a shard was opened.
   * @default - the source says `trimmed`
   */
  readonly hidesTrimmed?: true;
  /** Whether records carry the generation that they are read in, for a handler that must tell a replay from a repeat. */
  readonly marksGeneration?: true;
  /** Whether the position is stored after each page, so that a crash repeats no more. @default - every few seconds */
  readonly storesPages?: true;
  /** Whether the stream of a scan's run was seen to be over: the scan gives nothing more. @default - never */
  readonly isStreamOver?: () => boolean;
  /** The shortest time between two reads of a shard (milliseconds). @default 0 */
  readonly pollIntervalMs?: number;
  /** The most bytes of a page. @default 1048576 */
  readonly pageBytes?: number;
}

/** Consecutive records of one shard, cut to fit one invocation, as the text of Lambda's event. */
export interface Batch {
  readonly subscription: string;
  readonly shardId: string;
  readonly sequenceNumbers: readonly string[];
  /** `{"Records":[...]}` */
  readonly payload: string;
}

export type Delivery =
  /** The function ended and returned this. */
  | { readonly kind: 'answered'; readonly response: unknown }
  /** The function ran and failed: it threw, timed out, or its process died. Nothing of it runs any more. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The function was not started at all; counts as no attempt. */
  | {
      readonly kind: 'not-started';
      readonly reason: 'throttled' | 'missing' | 'denied' | 'too-large' | 'unavailable';
      readonly message: string;
    }
  /** No answer came: the function may still be running until its timeout. */
  | { readonly kind: 'unknown'; readonly message: string };

/** Takes batches: a Lambda function, or a function in this process. Delivers once a call; the walker repeats. */
export interface Sink {
  readonly deliver: (batch: Batch) => Promise<Delivery>;
}

export type Stored = { readonly kind: 'stored' } | Failed;

/** Takes batches that were given up. One that refuses blocks the shard: nothing is ever dropped. */
export interface FailureDestination {
  readonly store: (batch: FailedBatch) => Promise<Stored>;
}

/** Which rows: one generation of one subscription's positions on one stream. */
export interface LeaseKey {
  readonly subscription: string;
  readonly generation: number;
  readonly stream: StreamIdentity;
}

export type Written =
  | { readonly ok: true }
  /** The condition failed: this is the row now (`null`: there is none). */
  | { readonly ok: false; readonly current: LeaseRow | null };

/**
 * Keeps positions, leases and the subscription's own rows.
 *
 * Every write is conditional and atomic, reads are strongly consistent. A call that throws may or may not have taken
 * place: the caller reads again before it believes either. A transaction conflict is repeated inside the adapter.
 */
export interface State {
  /** All control rows of a subscription. @throws MillraceError `invalid-state` on a row of a newer format. */
  readonly control: (subscription: string) => Promise<readonly ControlRow[]>;
  /** The pointer row alone, read after everything written before the call. */
  readonly pointer: (subscription: string) => Promise<Pointer | null>;
  /** Writes a control row on the revision that was read (`null`: only if there is none); false when that changed. */
  readonly putControl: (subscription: string, next: ControlRow, revision: number | null) => Promise<boolean>;
  readonly leases: (key: LeaseKey) => Promise<readonly LeaseRow[]>;
  readonly lease: (key: LeaseKey, shardId: string) => Promise<LeaseRow | null>;
  /** Creates the rows that do not exist; a row that exists is left as it is. */
  readonly createLeases: (key: LeaseKey, leases: readonly LeaseRow[]) => Promise<void>;
  /** Writes `next` on `previous`'s owner, epoch and revision; the claimant is left alone unless `next` clears it. */
  readonly updateLease: (key: LeaseKey, previous: LeaseRow, next: LeaseRow) => Promise<Written>;
  /** Like `updateLease`, with the children's rows in the same transaction; a child row that exists is left as it is. */
  readonly finishLease: (
    key: LeaseKey,
    previous: LeaseRow,
    next: LeaseRow,
    children: readonly LeaseRow[],
  ) => Promise<Written>;
  /** Asks a lease's owner for it: one attribute, written on the owner and epoch that were read. */
  readonly requestLease: (key: LeaseKey, lease: LeaseRow, claimant: string) => Promise<boolean>;
  /** Lets rows that nobody needs any more be removed from `removeAtMs` on; rows that already have a moment keep it. */
  readonly expireLeases: (key: LeaseKey, shardIds: readonly string[], removeAtMs: number) => Promise<void>;
  /** Writes a gap down under its id, once. */
  readonly putGap: (subscription: string, gap: GapNotice) => Promise<void>;
  /** Every gap that was written down, in no order that counts. */
  readonly gaps: (subscription: string) => Promise<readonly RecordedGap[]>;
  /** Like `updateLease`, with the acceptance of `previous`'s gap in the gap's row in the same transaction. */
  readonly acceptGap: (key: LeaseKey, previous: GapLease, next: LeaseRow, acceptance: Acceptance) => Promise<Written>;
}
