import * as v from 'valibot';
import { MillraceError } from './core/errors.ts';
import type { RequestedStart } from './core/start.ts';
import { MANIFEST_KEY } from './core/table-export.ts';

/** The newest request format this release writes and reads. A request of a newer one is refused in one clear event. */
export const REQUEST_FORMAT = 1;

const MINUTE_MS = 60_000;

const whole = (min: number, max: number) =>
  v.pipe(
    v.number(`a whole number from ${min} to ${max}`),
    v.integer(`a whole number from ${min} to ${max}`),
    v.minValue(min, `a whole number from ${min} to ${max}`),
    v.maxValue(max, `a whole number from ${min} to ${max}`),
  );
const text = (what: string) => v.pipe(v.string(what), v.minLength(1, what));
/** An object whose missing fields are named with what they should have been. */
const fields = <const T extends v.ObjectEntries>(what: string, entries: T) => ({
  ...v.strictObject(entries, (issue) => {
    if (issue.expected === 'never') return 'left out: there is no such field';
    const field = issue.expected?.match(/^"(.+)"$/)?.[1];
    const entry = field === undefined || issue.received !== 'undefined' ? undefined : entries[field];
    return entry === undefined ? what : messageOf(entry);
  }),
  what,
});
/** What a schema's own message says is allowed. */
function messageOf(schema: v.GenericSchema): string {
  if ('what' in schema && typeof schema.what === 'string') return schema.what;
  const first = 'pipe' in schema && Array.isArray(schema.pipe) ? (schema.pipe[0] as v.GenericSchema) : schema;
  return 'message' in first && typeof first.message === 'string' ? first.message : `a ${first.expects}`;
}
const oneOf = <const T extends readonly [string, ...string[]]>(...allowed: T) =>
  v.picklist(allowed, `one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}`);

const region = text('an AWS region');
const MANIFEST = "the key of an export's manifest: [prefix/]AWSDynamoDB/<export>/manifest-summary.json";
/** The role to assume where the table or the stream is another account's. */
const roleArn = v.optional(text("a role's ARN"));
const sources = 'an object with kind, region, and tableName or streamName';

const glob = v.pipe(
  v.string('a glob'),
  v.regex(/^[\w.*?-]{1,255}$/, 'a glob of a table name: a-z, A-Z, 0-9, _, -, ., * and ?'),
);
const globs = v.array(glob, 'a list of globs');

const source = {
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

const start = v.variant(
  'at',
  [
    v.strictObject({ at: v.literal('trim-horizon') }),
    v.strictObject({ at: v.literal('latest') }),
    fields('an object with at and time', {
      at: v.literal('time'),
      time: v.pipe(
        v.string('an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z'),
        v.isoTimestamp('an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z'),
      ),
    }),
  ],
  'one of "trim-horizon", "latest", "time"',
);

const schema = fields('an object', {
  format: whole(1, REQUEST_FORMAT),
  pipeline: text('the name of the pipeline'),
  subscription: text('the name of the subscription'),
  stateTable: text('the name of the state table'),
  source,
  handler: fields('an object with functionArn and timeoutMs', {
    functionArn: text("the handler's function ARN"),
    timeoutMs: whole(1_000, 5 * MINUTE_MS),
  }),
  /** This schedule's worker, counted from 0, of `workers`. */
  worker: whole(0, 99),
  workers: whole(1, 100),
  /** The first listing's beginning when left out; the present with `bootstrap`, whose scan brings what was before. */
  start: v.optional(start),
  batchSize: v.optional(whole(1, 10_000), 100),
  maxBatchingWindowMs: v.optional(whole(0, 5 * MINUTE_MS), 0),
  parallelizationFactor: v.optional(whole(1, 10), 1),
  leaseDurationMs: v.optional(whole(1_000, 15 * MINUTE_MS), 60_000),
  deliveryMarginMs: v.optional(whole(0, 5 * MINUTE_MS), 20_000),
  /** Retries of a failing batch before it is given up; -1: as long as the stream keeps it. Needs `onFailure`. */
  retryAttempts: v.optional(whole(-1, 10_000), -1),
  /** The age (milliseconds) at which a record is given up; -1: none. Needs `onFailure`. */
  maxRecordAgeMs: v.optional(whole(-1, 7 * 24 * 60 * MINUTE_MS), -1),
  bisectBatchOnError: v.optional(v.boolean('true or false'), false),
  /** Where batches go that are given up: an S3 bucket (by name), an SQS queue (by URL) or an SNS topic (by ARN). */
  onFailure: v.optional(
    fields('an object with kind and target', {
      kind: oneOf('s3', 'sqs', 'sns'),
      target: text('a bucket name, a queue URL or a topic ARN'),
    }),
  ),
  /** What travels to the handler besides changes. */
  deliver: v.optional(v.array(oneOf('gap', 'snapshot'), 'a list of "gap" and "snapshot"')),
  /** Hands over every existing item first, then every change since. */
  bootstrap: v.optional(
    fields('an object with segments, sliceMs, readUnitsPerSecond, consistentRead and export', {
      /** @default - one for each gigabyte of the table */
      segments: v.optional(whole(1, 10_000)),
      /** How long the scan goes on before the changes since are delivered, milliseconds. */
      sliceMs: v.optional(whole(1_000, 12 * 60 * MINUTE_MS), 60 * MINUTE_MS),
      /** Read units a second for all workers together; no bound when left out. */
      readUnitsPerSecond: v.optional(whole(1, 10_000_000)),
      consistentRead: v.optional(v.boolean('true or false'), true),
      /** The items come from a full export of the table in DYNAMODB_JSON, in one slice. */
      export: v.optional(
        fields('an object with bucket, manifest and region', {
          bucket: text('the name of a bucket'),
          /** The key of the export's `manifest-summary.json`. */
          manifest: v.pipe(v.string(MANIFEST), v.regex(MANIFEST_KEY, MANIFEST)),
          /** Where the bucket is. @default - where the walker is */
          region: v.optional(region),
        }),
      ),
    }),
  ),
  onGap: v.optional(oneOf('continue', 'halt'), 'continue'),
  /** Event filter patterns of Lambda, ORed; none lets everything pass. */
  filters: v.optional(
    v.array(v.record(v.string(), v.unknown(), 'a filter pattern object'), 'a list of filter patterns'),
    [],
  ),
  keepAwake: v.optional(v.boolean('true or false'), false),
});

/** What a walk is to do: the input of the schedule that ticks it, and the only configuration the walker has. */
export type WalkRequest = v.InferOutput<typeof schema> & {
  readonly start: RequestedStart;
  readonly deliver: readonly ('gap' | 'snapshot')[];
};
/** A walk request for all tables that match a pattern. */
export type TablesRequest = WalkRequest & { readonly source: { readonly kind: 'tables' } };

/** Whether a request is for one table's or stream's changes, or for those of all tables that match a pattern. */
export const isForTables = (request: WalkRequest): request is TablesRequest => request.source.kind === 'tables';

/** A walk request as it is written, with its defaults left out. */
export type WalkRequestInput = v.InferInput<typeof schema>;

/**
 * Reads a walk request from a schedule's input.
 * @throws MillraceError `invalid-request`, naming the field, the value received and what is allowed; `unsupported` when
 * the request is of a newer format.
 */
export function parseWalkRequest(input: unknown): WalkRequest {
  const format = typeof input === 'object' && input !== null && 'format' in input ? input.format : undefined;
  if (typeof format === 'number' && format > REQUEST_FORMAT) {
    throw new MillraceError(
      'unsupported',
      `the walk request has format ${format}, and this release of Millrace reads formats up to ${REQUEST_FORMAT}: deploy the newer release`,
    );
  }
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return checked(withDefaults(result.output));
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'the walk request';
  throw new MillraceError(
    'invalid-request',
    `${field} must be ${allowed(issue)}, got ${shown(issue.path ? issue.path.at(-1)?.value : issue.input)}`,
  );
}

/** With a bootstrap, its scan brings what was before the present, and its records have to be delivered. */
function withDefaults(request: v.InferOutput<typeof schema>): WalkRequest {
  const isBootstrapped = request.bootstrap !== undefined;
  return {
    ...request,
    start: request.start ?? { at: isBootstrapped ? 'latest' : 'trim-horizon' },
    deliver: request.deliver ?? (isBootstrapped ? ['gap', 'snapshot'] : []),
  };
}

/** Without a destination, giving up would lose changes silently; and a stream has no items that could be scanned. */
function checked(request: WalkRequest): WalkRequest {
  if (request.bootstrap !== undefined && request.source.kind === 'kinesis') {
    throw new MillraceError(
      'invalid-request',
      `bootstrap must be left out where the source is a Kinesis stream, got ${shown(request.bootstrap)}`,
    );
  }
  if (request.bootstrap?.export !== undefined && request.source.kind !== 'table') {
    throw new MillraceError(
      'invalid-request',
      `bootstrap.export must be left out where the source is not one table, got ${shown(request.bootstrap.export)}`,
    );
  }
  if (request.onFailure !== undefined) return request;
  for (const field of ['retryAttempts', 'maxRecordAgeMs'] as const) {
    if (request[field] < 0) continue;
    throw new MillraceError(
      'invalid-request',
      `${field} must be -1 where there is no onFailure, got ${request[field]}`,
    );
  }
  return request;
}

function allowed(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith('Invalid') ? String(issue.expected) : issue.message;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 200) ?? String(value));
}
