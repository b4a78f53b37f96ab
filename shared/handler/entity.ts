import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ItemRecord } from '../core/change.ts';
import { tableNameOf } from '../core/change-reader.ts';
import { type DecodedItem, type DecodedValue, decodeItem, decodeValue } from '../core/decode.ts';
import { MillraceError } from '../core/errors.ts';
import type { EventRecord, RawItem, StreamViewType } from '../core/record.ts';
import type { ChangeFunction, ItemFunctions, NoticeFunctions } from './functions.ts';
import { isSchema } from './schema.ts';

/**
 * Which items are an entity's: by attributes, each equal to a value or matching a pattern, or by a function of the item.
 *
 * Keys are always there; other attributes only as far as the stream's view type carries them: of the new image, or of
 * the old one where an item is removed.
 */
export type EntityMatch =
  | { readonly [attribute: string]: string | number | boolean | RegExp }
  | ((item: DecodedItem) => boolean);

/** One entity of a single-table design. */
export interface Entity {
  readonly kind: 'entity';
  readonly schema: StandardSchemaV1 | null;
  readonly matches: (record: EventRecord) => boolean;
  readonly functions: object;
}

/** The entities of a single-table design by name, tried in this order, and what to do with everything else. */
export interface Entities extends NoticeFunctions {
  /** Changes of items that are of no entity. @default - they are accepted, counted, and named once */
  readonly other?: ChangeFunction<ItemRecord<DecodedItem>>;
  readonly [name: string]: Entity | ChangeFunction<never> | undefined;
}

/** An entity of a single-table design whose items a schema checks. */
export function entity<
  Schema extends StandardSchemaV1,
  View extends StreamViewType = 'NEW_AND_OLD_IMAGES',
  Key extends keyof StandardSchemaV1.InferOutput<Schema> = never,
>(
  schema: Schema,
  match: EntityMatch,
  functions: ItemFunctions<StandardSchemaV1.InferOutput<Schema>, View, Key>,
): Entity;
/** An entity of a single-table design whose items nothing checks. */
export function entity<Item, View extends StreamViewType = 'NEW_AND_OLD_IMAGES', Key extends keyof Item = never>(
  match: EntityMatch,
  functions: ItemFunctions<Item, View, Key>,
): Entity;
export function entity(first: StandardSchemaV1 | EntityMatch, second: object, third?: object): Entity {
  const [schema, match, functions] = isSchema(first) ? [first, second, third ?? {}] : [null, first, second];
  return { kind: 'entity', schema, matches: matcher(match as EntityMatch), functions };
}

/** The changes of one table, for a handler that gets those of several: a schema checks the items. */
export function table<
  Schema extends StandardSchemaV1,
  View extends StreamViewType = 'NEW_AND_OLD_IMAGES',
  Key extends keyof StandardSchemaV1.InferOutput<Schema> = never,
>(schema: Schema, tableName: string, functions: ItemFunctions<StandardSchemaV1.InferOutput<Schema>, View, Key>): Entity;
/** The changes of one table, for a handler that gets those of several: nothing checks the items. */
export function table<Item, View extends StreamViewType = 'NEW_AND_OLD_IMAGES', Key extends keyof Item = never>(
  tableName: string,
  functions: ItemFunctions<Item, View, Key>,
): Entity;
export function table(first: StandardSchemaV1 | string, second: string | object, third?: object): Entity {
  const [schema, tableName, functions] = isSchema(first) ? [first, second, third ?? {}] : [null, first, second];
  if (typeof tableName !== 'string' || tableName === '') {
    throw new MillraceError('invalid-request', `table must be given a table's name, got ${JSON.stringify(tableName)}`);
  }
  return {
    kind: 'entity',
    schema,
    matches: (record) => tableNameOf(record) === tableName,
    functions: functions as object,
  };
}

export const isEntity = (value: unknown): value is Entity =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'entity';

function matcher(match: EntityMatch): Entity['matches'] {
  if (typeof match === 'function') return (record) => match(decodeItem(attributesOf(record)));
  const wanted = Object.entries(match);
  return (record) => {
    const attributes = attributesOf(record);
    return wanted.every(([name, value]) => {
      const raw = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      return raw !== undefined && fits(decodeValue(raw), value);
    });
  };
}

const fits = (value: DecodedValue, wanted: string | number | boolean | RegExp): boolean =>
  wanted instanceof RegExp ? typeof value === 'string' && value.search(wanted) !== -1 : value === wanted;

function attributesOf(record: EventRecord): RawItem {
  const data: { readonly Keys?: RawItem; readonly NewImage?: RawItem; readonly OldImage?: RawItem } = record.dynamodb;
  return data.NewImage ?? data.OldImage ?? data.Keys ?? {};
}
