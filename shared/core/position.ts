import { compareSequenceNumbers } from './sequence-number.ts';

/**
 * Where in a shard reading goes on: `notBefore` (epoch milliseconds) lets records strictly before that moment pass
 * unread, and is dropped at the first record that is not before it. A shard that ended before the moment keeps it, so
 * that its children inherit it.
 */
export type Position =
  | { readonly at: 'trim-horizon'; readonly notBefore?: number }
  | { readonly at: 'at-sequence-number'; readonly sequenceNumber: string; readonly notBefore?: number }
  | { readonly at: 'after-sequence-number'; readonly sequenceNumber: string; readonly notBefore?: number }
  /** In a scan: after the item with this key (as JSON), the `ordinal`th of its segment. */
  | { readonly at: 'after-item'; readonly key: string; readonly ordinal: number; readonly notBefore?: number }
  | { readonly at: 'shard-end'; readonly notBefore?: number };

export const trimHorizon = (notBefore?: number): Position => withMoment({ at: 'trim-horizon' }, notBefore);
export const atSequenceNumber = (sequenceNumber: string, notBefore?: number): Position =>
  withMoment({ at: 'at-sequence-number', sequenceNumber }, notBefore);
export const afterSequenceNumber = (sequenceNumber: string, notBefore?: number): Position =>
  withMoment({ at: 'after-sequence-number', sequenceNumber }, notBefore);
export const shardEnd = (notBefore?: number): Position => withMoment({ at: 'shard-end' }, notBefore);

/** Compares two positions of one shard: negative when `a` comes first. The moment does not count. */
export function comparePositions(a: Position, b: Position): number {
  const byPlace = place(a) - place(b);
  if (byPlace === 0 && a.at === 'after-item' && b.at === 'after-item') return a.ordinal - b.ordinal;
  if (byPlace !== 0 || !('sequenceNumber' in a) || !('sequenceNumber' in b)) return byPlace;
  return compareSequenceNumbers(a.sequenceNumber, b.sequenceNumber) || after(a) - after(b);
}

/** After an item of a scan. */
export const afterItem = (key: string, ordinal: number): Position => ({ at: 'after-item', key, ordinal });

/** The same position with another moment, or with none. */
export function withMoment(position: Position, notBefore: number | undefined): Position {
  const { notBefore: _dropped, ...place } = position;
  return notBefore === undefined ? place : { ...place, notBefore };
}

/** Trim horizon, then sequence numbers, then items (never both in one shard, but for a scan's beginning), then the end. */
function place(position: Position): number {
  switch (position.at) {
    case 'trim-horizon':
      return 0;
    case 'at-sequence-number':
    case 'after-sequence-number':
      return 1;
    case 'after-item':
      return 2;
    case 'shard-end':
      return 3;
  }
}
const after = (position: Position): number => (position.at === 'after-sequence-number' ? 1 : 0);
