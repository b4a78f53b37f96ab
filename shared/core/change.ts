import type { AttributeChange } from './changed.ts';
import type { EventRecord, GapNotice, StreamViewType } from './record.ts';

/** What every record of an event carries. */
export interface ChangeIdentity {
  /** DynamoDB's id of this change: the same however often it is delivered. */
  readonly eventId: string;
  /** The place in the shard; what a partial batch response names. */
  readonly sequenceNumber: string;
  /** When it happened; DynamoDB Streams rounds down to the second. */
  readonly approximateTime: Date;
  readonly tableName: string;
  /** The region of the table, which need not be the handler's. */
  readonly region: string;
  readonly streamArn: string;
  /** The record as it came, attribute values included. */
  readonly raw: EventRecord;
}

/** What changes and snapshots of an item have in common. */
export interface ItemChange<Item, Key extends keyof Item> extends ChangeIdentity {
  readonly keys: Keys<Item, Key>;
  /** Equal for every delivery of the same change and for no other: at most 128 letters, digits, `-` and `:`. */
  readonly idempotencyKey: string;
  /** Text that grows with every change of an item: a sink keeps the greatest, and the last write wins. */
  readonly version: string;
  /** Bytes of keys and images, as DynamoDB counts them; 0 for a snapshot. */
  readonly sizeBytes: number;
}

/** The key attributes by name; where the handler does not name them, any attribute may be one. */
export type Keys<Item, Key extends keyof Item> = [Key] extends [never] ? Partial<Item> : Pick<Item, Key>;

type NewImage<Item, View> = View extends 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES' ? { readonly newImage: Item } : unknown;
type OldImage<Item, View> = View extends 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' ? { readonly oldImage: Item } : unknown;
type Changed<View> = View extends 'NEW_AND_OLD_IMAGES'
  ? {
      /** The attributes that differ, down to the innermost, with both values; sets compare as sets. */
      readonly changed: readonly AttributeChange[];
    }
  : unknown;

/** An item that was not there before. */
export type InsertChange<
  Item,
  View extends StreamViewType = 'NEW_AND_OLD_IMAGES',
  Key extends keyof Item = never,
> = ItemChange<Item, Key> & { readonly kind: 'insert' } & NewImage<Item, View>;

/** An item that was there and is different now. */
export type ModifyChange<
  Item,
  View extends StreamViewType = 'NEW_AND_OLD_IMAGES',
  Key extends keyof Item = never,
> = ItemChange<Item, Key> & { readonly kind: 'modify' } & NewImage<Item, View> & OldImage<Item, View> & Changed<View>;

/** An item that is gone. */
export type RemoveChange<
  Item,
  View extends StreamViewType = 'NEW_AND_OLD_IMAGES',
  Key extends keyof Item = never,
> = ItemChange<Item, Key> & {
  readonly kind: 'remove';
  /** Whether time to live deleted it. A global table's replicas see such a delete as an ordinary one. */
  readonly expired: boolean;
} & OldImage<Item, View>;

/** An item that a bootstrap or repair run found in the table: as it is, whatever happened before. */
export type SnapshotChange<Item, Key extends keyof Item = never> = ItemChange<Item, Key> & {
  readonly kind: 'snapshot';
  readonly newImage: Item;
  readonly run: number;
};

/** Changes may have been lost here. */
export interface GapChange extends ChangeIdentity {
  readonly kind: 'gap';
  readonly gap: GapNotice;
}

/** A bootstrap or repair run begins: its snapshots follow, with changes between them. */
export interface SnapshotStarted extends ChangeIdentity {
  readonly kind: 'snapshotStarted';
  readonly run: number;
  /** The version of the run's snapshots: above everything that was delivered before, but for what comes again. */
  readonly version: string;
}

/** A run has delivered every item. */
export interface SnapshotComplete extends ChangeIdentity {
  readonly kind: 'snapshotComplete';
  readonly run: number;
  /** The version of the run's snapshots: what a sink keeps with a lower one, or with none, the run has not touched. */
  readonly version: string;
}

/** What can happen to an item. */
export type ItemRecord<Item, View extends StreamViewType = 'NEW_AND_OLD_IMAGES', Key extends keyof Item = never> =
  | InsertChange<Item, View, Key>
  | ModifyChange<Item, View, Key>
  | RemoveChange<Item, View, Key>
  | SnapshotChange<Item, Key>;

/** One typed record. Keys, images and what is made of them are getters, decoded when they are read: a spread leaves them out. */
export type Change<Item, View extends StreamViewType = 'NEW_AND_OLD_IMAGES', Key extends keyof Item = never> =
  | ItemRecord<Item, View, Key>
  | GapChange
  | SnapshotStarted
  | SnapshotComplete;

export type ChangeKind = Change<unknown>['kind'];

/**
 * The item's key as text: equal exactly for changes of one item. `null` for a record that is about no item. A Kinesis
 * stream may carry several tables: there the table belongs to the key.
 */
export function itemOf(record: EventRecord): string | null {
  const keys = record.dynamodb?.Keys;
  if (keys === undefined) return null;
  const names = Object.keys(keys).sort();
  const item = JSON.stringify(names.map((name) => [name, keys[name]]));
  return 'tableName' in record && typeof record.tableName === 'string' ? `${record.tableName} ${item}` : item;
}
