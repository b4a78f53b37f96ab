import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ChangeKind } from '../core/change.ts';
import { type AnyChange, changeReader } from '../core/change-reader.ts';
import { MillraceError } from '../core/errors.ts';
import type { EventRecord } from '../core/record.ts';
import { type Entities, isEntity } from './entity.ts';
import type { BatchFunction, ChangeFunction, WindowFunctions } from './functions.ts';
import { parseBy } from './schema.ts';

/** A record as its function gets it. */
export interface Routed {
  readonly change: AnyChange;
  /** None where the change is accepted as it is. */
  readonly handle: ChangeFunction<AnyChange> | undefined;
  /** Whether it belongs to no entity of a single-table design that has no `other`. */
  readonly isUnmatched: boolean;
}

/** Where changes go: decided once, from what the user wrote. */
export interface Router {
  readonly route: (record: EventRecord) => Routed;
  readonly batch: BatchFunction<AnyChange> | undefined;
  readonly batchPerItem: BatchFunction<AnyChange> | undefined;
  readonly window: WindowFunctions<AnyChange>['window'];
}

type ByKind = { readonly [kind in ChangeKind]?: ChangeFunction<AnyChange> };
type Functions = ByKind & Partial<Omit<Router, 'route'>>;

/** Kinds that are only sent to a handler that asked for them. */
const ASKED_FOR: ReadonlySet<ChangeKind> = new Set(['gap', 'snapshot', 'snapshotStarted', 'snapshotComplete']);

/** Routes by kind. */
export function routerOf(given: object, schema: StandardSchemaV1 | null, run: number): Router {
  const functions = given as Functions;
  const { batch, batchPerItem, window } = functions;
  const read = changeReader(schema === null ? { run } : { run, parse: parseBy(schema) });
  const takesItems = batch !== undefined || batchPerItem !== undefined;
  const route = (record: EventRecord): Routed => {
    const change = read(record);
    const isBatched = takesItems && record.dynamodb.Keys !== undefined;
    return { change, handle: isBatched ? undefined : functionFor(change.kind, functions), isUnmatched: false };
  };
  return { route, batch, batchPerItem, window };
}

/** Routes by entity, then by kind. */
export function entityRouterOf(entities: Entities, run: number): Router {
  const notices = entities as ByKind;
  const readAny = changeReader({ run });
  const readers = Object.entries(entities).flatMap(([name, value]) =>
    isEntity(value) ? { name, matches: value.matches, ...routerOf(value.functions, value.schema, run) } : [],
  );
  const route = (record: EventRecord): Routed => {
    if (record.dynamodb?.Keys !== undefined) {
      const entity = readers.find((reader) => reader.matches(record));
      if (entity) return entity.route(record);
      const other = entities.other as ChangeFunction<AnyChange> | undefined;
      return { change: readAny(record), handle: other, isUnmatched: other === undefined };
    }
    const change = readAny(record);
    return { change, handle: functionFor(change.kind, notices), isUnmatched: false };
  };
  return { route, batch: undefined, batchPerItem: undefined, window: undefined };
}

function functionFor(kind: ChangeKind, functions: ByKind): ChangeFunction<AnyChange> | undefined {
  const handle = functions[kind];
  if (handle !== undefined || !ASKED_FOR.has(kind)) return handle;
  throw new MillraceError(
    'handler',
    `the handler was sent a change of the kind ${kind} and has no function "${kind}": add it to changeHandler, or take it out of the subscription's deliver`,
  );
}
