import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ChangeReading } from '../core/change-reader.ts';
import { MillraceError } from '../core/errors.ts';
import { describeRecord } from './identity.ts';
import { isThenable } from './run.ts';

/** Whether something is a schema of zod, valibot, arktype or any other library that speaks Standard Schema. */
export function isSchema(value: unknown): value is StandardSchemaV1 {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value;
}

/**
 * Checks an image by a schema when it is read; what the schema makes of it is the image.
 *
 * A misfit throws MillraceError `invalid-record`, naming the change and the paths; so does a schema that gives a promise,
 * because an image is read like a property. That need not be every item's fate: zod gives one, which rejects, where a
 * transform throws.
 */
export function parseBy(schema: StandardSchemaV1): NonNullable<ChangeReading['parse']> {
  return (item, image, record) => {
    const result = schema['~standard'].validate(item);
    if (isThenable(result)) {
      result.then(undefined, () => undefined);
      throw new MillraceError(
        'invalid-record',
        `the schema must check ${image} of ${describeRecord(record)} at once, got a promise of ${schema['~standard'].vendor}: take asynchronous checks out and await them in the function; let what throws report an issue`,
      );
    }
    if (result.issues === undefined) return result.value;
    const issues = result.issues.map((issue) => `${[image, ...path(issue)].join('.')}: ${issue.message}`);
    throw new MillraceError(
      'invalid-record',
      `${describeRecord(record)} does not fit its schema: ${issues.join('; ')}`,
    );
  };
}

const path = (issue: StandardSchemaV1.Issue): readonly string[] =>
  (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
