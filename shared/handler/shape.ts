import { MillraceError } from '../core/errors.ts';
import { type Entities, isEntity } from './entity.ts';

const ITEM_FUNCTIONS = ['insert', 'modify', 'remove', 'snapshot'];
const NOTICE_FUNCTIONS = ['gap', 'snapshotStarted', 'snapshotComplete'];
const BESIDE_ENTITIES = ['other', ...NOTICE_FUNCTIONS];
const BATCH_FUNCTIONS = ['batch', 'batchPerItem'];
const ALL_FUNCTIONS = [...ITEM_FUNCTIONS, ...NOTICE_FUNCTIONS, ...BATCH_FUNCTIONS, 'window'];

/**
 * Refuses functions that would never be called: their changes would count as handled and be gone. The compiler says so
 * first, where it is asked.
 * @throws MillraceError `invalid-request` naming the function and what is allowed.
 */
export function checkFunctions(functions: object): void {
  checkNames('changeHandler', functions, ALL_FUNCTIONS);
  const given = (names: readonly string[]) => names.filter((name) => isGiven(functions, name));
  const [batch, ...others] = [...given(BATCH_FUNCTIONS), ...given(ITEM_FUNCTIONS)];
  if (given(BATCH_FUNCTIONS).length === 0 || others.length === 0) return;
  throw invalid(`${batch} takes every change of an item, got ${others.join(', ')} beside it, never to be called`);
}

/** The same for the entities of a single-table design. */
export function checkEntities(entities: Entities): void {
  const beside: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entities)) {
    if (isEntity(value) && !BESIDE_ENTITIES.includes(name)) {
      checkNames(`the entity ${name}`, value.functions, ITEM_FUNCTIONS);
    } else {
      beside[name] = value;
    }
  }
  checkNames('changeHandler with entities', beside, BESIDE_ENTITIES);
}

function checkNames(where: string, functions: object, allowed: readonly string[]): void {
  for (const [name, value] of Object.entries(functions)) {
    if (value === undefined) continue;
    if (!allowed.includes(name)) {
      throw invalid(`${where} takes the functions ${allowed.join(', ')}, got ${JSON.stringify(name)}`);
    }
    if (typeof value !== 'function') throw invalid(`${name} must be a function, got ${JSON.stringify(value)}`);
  }
}

const isGiven = (functions: object, name: string): boolean =>
  Object.entries(functions).some(([given, value]) => given === name && value !== undefined);

const invalid = (message: string): MillraceError => new MillraceError('invalid-request', message);
