import { type DecodedValue, decodeValue } from './decode.ts';
import { decodeNumber } from './decode-number.ts';
import type { RawAttributeValue, RawItem } from './record.ts';

/** One attribute, or a part of one, that differs between two images of an item. */
export interface AttributeChange {
  /** Where, as DynamoDB writes a document path: `address.city`, `lines[2].quantity`. */
  readonly path: string;
  /** The same path in pieces, which stays exact when a name has a dot or a bracket in it. */
  readonly segments: readonly (string | number)[];
  /** `undefined` where there was nothing. */
  readonly oldValue: DecodedValue | undefined;
  /** `undefined` where there is nothing any more. */
  readonly newValue: DecodedValue | undefined;
}

/**
 * What differs between two images, down to the innermost map or list; lists compare place by place, sets as sets.
 *
 * In the order of the new image's attributes, then what was removed.
 */
export function changedAttributes(oldImage: RawItem, newImage: RawItem): readonly AttributeChange[] {
  const found: AttributeChange[] = [];
  compareItems(oldImage, newImage, [], found);
  return found;
}

type Segments = readonly (string | number)[];

function compareItems(before: RawItem, after: RawItem, at: Segments, found: AttributeChange[]): void {
  for (const name of Object.keys(after)) compare(own(before, name), after[name], [...at, name], found);
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) compare(before[name], undefined, [...at, name], found);
  }
}

function compare(
  before: RawAttributeValue | undefined,
  after: RawAttributeValue | undefined,
  at: Segments,
  found: AttributeChange[],
): void {
  if (before !== undefined && after !== undefined) {
    if ('M' in before && 'M' in after) {
      compareItems(before.M, after.M, at, found);
      return;
    }
    if ('L' in before && 'L' in after) {
      for (let index = 0; index < Math.max(before.L.length, after.L.length); index += 1) {
        compare(before.L[index], after.L[index], [...at, index], found);
      }
      return;
    }
    if (isSame(before, after)) return;
  }
  found.push({
    path: documentPath(at),
    segments: at,
    oldValue: before && decodeValue(before),
    newValue: after && decodeValue(after),
  });
}

function isSame(before: RawAttributeValue, after: RawAttributeValue): boolean {
  if ('S' in before && 'S' in after) return before.S === after.S;
  if ('N' in before && 'N' in after) return before.N === after.N || number(before.N) === number(after.N);
  if ('B' in before && 'B' in after) return before.B === after.B;
  if ('BOOL' in before && 'BOOL' in after) return before.BOOL === after.BOOL;
  if ('SS' in before && 'SS' in after) return isSameSet(before.SS, after.SS);
  if ('NS' in before && 'NS' in after) return isSameSet(before.NS.map(number), after.NS.map(number));
  if ('BS' in before && 'BS' in after) return isSameSet(before.BS, after.BS);
  return 'NULL' in before && 'NULL' in after;
}

function isSameSet(before: readonly string[], after: readonly string[]): boolean {
  const left = new Set(before);
  const right = new Set(after);
  return left.size === right.size && before.every((member) => right.has(member));
}

const number = (text: string): string => String(decodeNumber(text));

/** An attribute may be called `__proto__` or `toString`: only the image's own count. */
const own = (item: RawItem, name: string): RawAttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

const documentPath = (segments: Segments): string =>
  segments
    .map((segment, index) => (typeof segment === 'number' ? `[${segment}]` : index === 0 ? segment : `.${segment}`))
    .join('');
