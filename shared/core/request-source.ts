import * as v from 'valibot';
import { fields, oneOf, text, whole } from './request-fields.ts';

export const region = text('an AWS region');
/** The role to assume where the table or the stream is another account's. */
const roleArn = v.optional(text("a role's ARN"));
const sources = 'an object with kind, region, and tableName or streamName';

const glob = v.pipe(
  v.string('a glob'),
  v.regex(/^[\w.*?-]{1,255}$/, 'a glob of a table name: a-z, A-Z, 0-9, _, -, ., * and ?'),
);
const globs = v.array(glob, 'a list of globs');

/** What a subscription reads: a table's stream, a Kinesis stream, or all tables that match a pattern. */
export const source = {
  ...v.variant(
    'kind',
    [
      fields('an object with kind, tableName and region', {
        kind: v.literal('table'),
        tableName: v.pipe(
          v.string('a table name'),
          v.regex(/^[\w.-]{3,255}$/, 'a table name: 3 to 255 of a-z, A-Z, 0-9, _, - and .'),
        ),
        region,
        roleArn,
      }),
      fields('an object with kind, streamName and region', {
        kind: v.literal('kinesis'),
        streamName: v.pipe(
          v.string('the name of a Kinesis stream'),
          v.regex(/^[\w.-]{1,128}$/, 'the name of a Kinesis stream: 1 to 128 of a-z, A-Z, 0-9, _, - and .'),
        ),
        region,
        roleArn,
        /** How many read the stream, this subscription among them: they share five reads a second and shard. */
        readers: v.optional(whole(1, 100), 1),
      }),
      fields('an object with kind, include and regions', {
        kind: v.literal('tables'),
        /** Globs of table names, of which one has to match. */
        include: v.pipe(globs, v.minLength(1, 'a list of at least one glob')),
        /** Globs of table names, of which none may match. */
        exclude: v.optional(globs, []),
        /** Tags that a table must have, each with a glob of its value. */
        tags: v.optional(v.record(text('the name of a tag'), v.string('a glob'), 'an object of tags'), {}),
        regions: v.pipe(v.array(region, 'a list of AWS regions'), v.minLength(1, 'a list of at least one AWS region')),
        roleArn,
        /** Whether streams that are off are turned on, or expected to be on. */
        streams: v.optional(oneOf('enable', 'expect'), 'expect'),
        /** What records must hold; a stream is turned on with it, or with NEW_AND_OLD_IMAGES. */
        viewType: v.optional(oneOf('KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES')),
      }),
    ],
    (issue) => (issue.expected === 'Object' ? sources : '"table", "kinesis" or "tables"'),
  ),
  what: sources,
};
