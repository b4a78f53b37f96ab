import type { StandardSchemaV1 } from '@standard-schema/spec';
import { MillraceError } from './core/errors.ts';
import type { StreamViewType } from './core/record.ts';
import { type Entities, isEntity } from './handler/entity.ts';
import type { ChangeFunctions } from './handler/functions.ts';
import { type ChangeHandler, invocationOf } from './handler/invocation.ts';
import type { HandlerOptions } from './handler/options.ts';
import { entityRouterOf, routerOf } from './handler/route.ts';
import { isSchema } from './handler/schema.ts';
import { checkEntities, checkFunctions } from './handler/shape.ts';

export { type AttributeValue, attributeValues } from './core/attribute-values.ts';
export type {
  Change,
  GapChange,
  InsertChange,
  ItemRecord,
  ModifyChange,
  RemoveChange,
  SnapshotChange,
  SnapshotComplete,
  SnapshotStarted,
} from './core/change.ts';
export type { AttributeChange } from './core/changed.ts';
export type { DecodedItem, DecodedValue } from './core/decode.ts';
export type { NumberValue } from './core/decode-number.ts';
export type { RawAttributeValue, RawItem } from './core/record.ts';
export { type Entities, type Entity, type EntityMatch, entity, table } from './handler/entity.ts';
export type {
  BatchFunction,
  BatchResult,
  ChangeContext,
  ChangeFunction,
  ChangeFunctions,
  ChangeWindow,
  WindowState,
} from './handler/functions.ts';
export type { ChangeHandler, HandlerResponse, IncomingEvent } from './handler/invocation.ts';
export type { HandlerOptions } from './handler/options.ts';

/**
 * Makes a Lambda handler of functions, one per kind of change.
 *
 * Changes run in order. At the first that fails the handler stops, logs it, and reports its sequence number: what came
 * before is settled, and Lambda (or the walker) sends the rest again. So every function may see a change twice.
 * @throws MillraceError `invalid-request` for an option out of range, or a function that would never be called.
 */
export function changeHandler<Item, View extends StreamViewType = 'NEW_AND_OLD_IMAGES', Key extends keyof Item = never>(
  functions: ChangeFunctions<Item, View, Key>,
  options?: HandlerOptions,
): ChangeHandler;
/** The same with images checked by a Standard Schema (zod, valibot, arktype, ...) when they are read, once. */
export function changeHandler<
  Schema extends StandardSchemaV1,
  View extends StreamViewType = 'NEW_AND_OLD_IMAGES',
  Key extends keyof StandardSchemaV1.InferOutput<Schema> = never,
>(
  schema: Schema,
  functions: ChangeFunctions<StandardSchemaV1.InferOutput<Schema>, View, Key>,
  options?: HandlerOptions,
): ChangeHandler;
/** The same for a single-table design, or for several tables: each change goes to the first entity or table that fits. */
export function changeHandler(entities: Entities, options?: HandlerOptions): ChangeHandler;
export function changeHandler(first: object, second?: object, third?: HandlerOptions): ChangeHandler {
  if (isSchema(first)) return handlerOf(second ?? {}, first, third ?? {});
  return handlerOf(first, null, second ?? {});
}

function handlerOf(functions: object, schema: StandardSchemaV1 | null, options: HandlerOptions): ChangeHandler {
  const run = runOf(options.run ?? process.env.MILLRACE_RUN ?? 0);
  const isByEntity = isSingleTable(functions);
  if (isByEntity) checkEntities(functions);
  else checkFunctions(functions);
  const router = isByEntity ? entityRouterOf(functions, run) : routerOf(functions, schema, run);
  return invocationOf(router, options, process.env);
}

function runOf(given: number | string): number {
  const run = Number(given);
  if (Number.isSafeInteger(run) && run >= 0 && given !== '') return run;
  throw new MillraceError(
    'invalid-request',
    `run, or the environment variable MILLRACE_RUN, must be a whole number from 0 on, got ${JSON.stringify(given)}`,
  );
}

const isSingleTable = (functions: object): functions is Entities =>
  'other' in functions || Object.values(functions).some(isEntity);
