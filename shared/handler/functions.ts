import type { Logger } from '@aws-lambda-powertools/logger';
import type {
  GapChange,
  InsertChange,
  ItemRecord,
  ModifyChange,
  RemoveChange,
  SnapshotChange,
  SnapshotComplete,
  SnapshotStarted,
} from '../core/change.ts';
import type { StreamViewType } from '../core/record.ts';

/** What a function is given beside its change. */
export interface ChangeContext {
  /** A logger whose every line carries the identity of the change, or of the batch. */
  readonly logger: Logger;
  /** What is left of the invocation; `Infinity` outside Lambda. */
  readonly remainingMs: () => number;
  /**
   * Aborts when nobody waits for the call any more: with parking when its share of the invocation's time is over, else a
   * little before the invocation ends (a fifth of it, at most 3 s). Pass it to `fetch`, or as `abortSignal` to a client of
   * the AWS SDK: what was given up then ends, and does no harm later. Outside Lambda it never aborts.
   */
  readonly signal: AbortSignal;
}

/** Handles one change: it is settled when the function returns, or its promise resolves; it fails when that throws. */
export type ChangeFunction<C> = (change: C, context: ChangeContext) => unknown;

/** What to do with records of Millrace itself that are about no item; sent only where the subscription says so. */
export interface NoticeFunctions {
  readonly gap?: ChangeFunction<GapChange>;
  readonly snapshotStarted?: ChangeFunction<SnapshotStarted>;
  readonly snapshotComplete?: ChangeFunction<SnapshotComplete>;
}

/**
 * What to do with each kind of change. A change of a kind without a function is accepted as it is; a gap or a snapshot
 * without one fails, because it is only sent to a handler that asked for it.
 */
export interface ItemFunctions<Item, View extends StreamViewType, Key extends keyof Item> {
  readonly insert?: ChangeFunction<InsertChange<Item, View, Key>>;
  readonly modify?: ChangeFunction<ModifyChange<Item, View, Key>>;
  readonly remove?: ChangeFunction<RemoveChange<Item, View, Key>>;
  readonly snapshot?: ChangeFunction<SnapshotChange<Item, Key>>;
}

/** What a bulk function may return: the changes that it could not settle. Throwing fails all of them. */
export interface BatchResult {
  readonly failed: readonly { readonly sequenceNumber: string }[];
}

/** Handles several changes at once, in order. Returns nothing when all are settled, or `{ failed }`. */
export type BatchFunction<C> = (changes: readonly C[], context: ChangeContext) => unknown;

/** One call for a whole batch, or one for each item in it. */
export type BatchFunctions<Item, View extends StreamViewType, Key extends keyof Item> =
  | {
      /** All changes of the batch. */
      readonly batch: BatchFunction<ItemRecord<Item, View, Key>>;
      readonly batchPerItem?: never;
    }
  | {
      /** All changes of one item in the batch; as many items at once as `concurrency` says. */
      readonly batchPerItem: BatchFunction<ItemRecord<Item, View, Key>>;
      readonly batch?: never;
    };

/** What a tumbling window of a mapping has gathered so far. */
export type WindowState = { readonly [name: string]: unknown };

export interface ChangeWindow<C> {
  readonly start: Date;
  readonly end: Date;
  /** What the function returned last in this window; empty at its beginning, and again after a reshard. */
  readonly state: WindowState;
  /** The settled changes of this batch, without those that are parked; none at the window's end. */
  readonly changes: readonly C[];
  /** Whether the window ends with this call: now its result is due. */
  readonly isFinal: boolean;
  /** Whether it ends early because the state has outgrown Lambda's 1 MB. */
  readonly isTerminatedEarly: boolean;
  readonly shardId: string;
}

export interface WindowFunctions<C> {
  /**
   * Called after the changes of each batch of a tumbling window; returns the window's next state.
   * @default - the state is passed on as it is
   */
  readonly window?: (
    window: ChangeWindow<C>,
    context: ChangeContext,
  ) => WindowState | undefined | Promise<WindowState | undefined>;
}

type None<T> = { readonly [name in keyof T]?: never };

/** The functions of a handler: one per kind, or one for many changes. */
export type ChangeFunctions<
  Item,
  View extends StreamViewType = 'NEW_AND_OLD_IMAGES',
  Key extends keyof Item = never,
> = NoticeFunctions &
  WindowFunctions<ItemRecord<Item, View, Key>> &
  (
    | (ItemFunctions<Item, View, Key> & { readonly batch?: never; readonly batchPerItem?: never })
    | (BatchFunctions<Item, View, Key> & None<ItemFunctions<Item, View, Key>>)
  );
