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
  const given = checkNames('changeHandler', functions, ALL_FUNCTIONS);
  const [batch, ...others] = [...BATCH_FUNCTIONS, ...ITEM_FUNCTIONS].filter((name) => given.includes(name));
  if (batch === undefined || !BATCH_FUNCTIONS.includes(batch) || others.length === 0) return;
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

/** Gives the names of the functions. */
function checkNames(where: string, functions: object, allowed: readonly string[]): readonly string[] {
  const given = Object.entries(functions).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!allowed.includes(name)) {
      throw invalid(`${where} takes the functions ${allowed.join(', ')}, got ${JSON.stringify(name)}`);
    }
    if (typeof value !== 'function') throw invalid(`${name} must be a function, got ${JSON.stringify(value)}`);
  }
  return given.map(([name]) => name);
}

const invalid = (message: string): MillraceError => new MillraceError('invalid-request', message);
