import * as v from 'valibot';
import { MillraceError } from './core/errors.ts';
import { allowed, fields, oneOf, shown, text, whole } from './core/request-fields.ts';
import { region, source } from './core/request-source.ts';
import type { RequestedStart } from './core/start.ts';
import { MANIFEST_KEY } from './core/table-export.ts';

/** The newest request format this release writes and reads. A request of a newer one is refused in one clear event. */
export const REQUEST_FORMAT = 1;

const MINUTE_MS = 60_000;

const MANIFEST = "the key of an export's manifest: [prefix/]AWSDynamoDB/<export>/manifest-summary.json";

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
