import { type AttributeChange, changedAttributes } from './changed.ts';
import { MillraceError } from './errors.ts';
import type { RawItem } from './record.ts';

/** What does not count when two tables are compared. */
export interface VerifyRules {
  /** Attributes of the items, by name, that are not compared. */
  readonly ignored: ReadonlySet<string>;
  /**
   * Whether the target is written by `replicaTable`: its attribute `millraceVersion` is ignored, and an item that is marked
   * `millraceDeleted` is none.
   */
  readonly isReplica: boolean;
}

/** What two tables differ in at one key. */
export type ItemDifference =
  | { readonly kind: 'missing' | 'extra'; readonly key: RawItem }
  | { readonly kind: 'different'; readonly key: RawItem; readonly attributes: readonly AttributeChange[] };

/**
 * Compares what two tables have under one key: numbers by value, sets as sets, lists place by place, all else exactly.
 * `missing`: the target has not what the source has; `extra`: the source has not what the target has. Of a different
 * item, `oldValue` is the source's and `newValue` the target's. `null`: nothing differs.
 */
export function itemDifference(
  key: RawItem,
  source: RawItem | undefined,
  target: RawItem | undefined,
  rules: VerifyRules,
): ItemDifference | null {
  const copied = target === undefined || isTombstone(target, rules) ? undefined : target;
  if (source === undefined) return copied === undefined ? null : { kind: 'extra', key };
  if (copied === undefined) return { kind: 'missing', key };
  const attributes = changedAttributes(compared(source, rules), compared(copied, rules)).toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  return attributes.length === 0 ? null : { kind: 'different', key, attributes };
}

/** Whether an item of the target only tells that it was deleted. */
export const isTombstone = (item: RawItem, { isReplica }: VerifyRules): boolean =>
  isReplica && Object.hasOwn(item, 'millraceDeleted');

function compared(item: RawItem, { ignored, isReplica }: VerifyRules): RawItem {
  if (ignored.size === 0 && !isReplica) return item;
  return Object.fromEntries(
    Object.entries(item).filter(([name]) => !ignored.has(name) && !(isReplica && name === 'millraceVersion')),
  );
}

/** The key of an item: its attributes of these names, in this order. */
export const keyOfItem = (item: RawItem, names: readonly string[]): RawItem =>
  Object.fromEntries(names.map((name) => [name, item[name]!]));

/** How much of a table is compared. */
export type VerifyExtent =
  | { readonly kind: 'all' }
  | { readonly kind: 'items'; readonly items: number }
  | { readonly kind: 'share'; readonly share: number };

/**
 * Reads how much is to be compared: `1000` items, or `5%` of them. All where there is no text.
 * @throws MillraceError `invalid-request` when it is neither.
 */
export function verifyExtent(text: string | undefined): VerifyExtent {
  if (text === undefined) return { kind: 'all' };
  const [, digits = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const count = Number(digits || Number.NaN);
  if (percent && count > 0 && count <= 100) return { kind: 'share', share: count / 100 };
  if (percent === '' && Number.isSafeInteger(count) && count > 0) return { kind: 'items', items: count };
  throw new MillraceError(
    'invalid-request',
    `--sample must be a number of items from 1, or a share such as 5%, got ${JSON.stringify(text)}`,
  );
}

/**
 * How many items that are of a table that has so many; `null` for all. Of a table that counts none all are compared: its
 * count is up to six hours old.
 */
export function extentItems(extent: VerifyExtent, itemCount: number): number | null {
  if (extent.kind === 'items') return extent.items;
  return extent.kind === 'all' || itemCount === 0 ? null : Math.ceil(itemCount * extent.share);
}
