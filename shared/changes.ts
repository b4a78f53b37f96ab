import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { dynamodbStreamsSource } from './aws/dynamodb-streams-source.ts';
import { latestIterator } from './aws/latest-iterator.ts';
import { systemClock } from './clock.ts';
import type { Change } from './core/change.ts';
import { changeReader } from './core/change-reader.ts';
import type { DecodedItem } from './core/decode.ts';
import { MillraceError } from './core/errors.ts';
import { type FilterPattern, recordFilter } from './core/filter.ts';
import { isTrimHorizon, parseMoment } from './core/operations-moment.ts';
import { type Positions, parsePositions } from './core/positions-file.ts';
import { streamCreatedAtMs } from './core/stream-time.ts';
import type { TailNotice, TailSource } from './core/tail-source.ts';
import type { TailStart } from './core/tail-start.ts';
import { tail } from './tail.ts';

export type { Change } from './core/change.ts';
export type { FilterPattern } from './core/filter.ts';
export type { Positions } from './core/positions-file.ts';
export type { TailNotice } from './core/tail-source.ts';

export interface ChangesOptions {
  /** A table's name or ARN, or the ARN of one of its streams, whose end is the iteration's. */
  readonly table: string;
  /**
   * Where to begin: a time, how long ago (`10m`, `2h`), `trim-horizon` for the oldest change kept, or a token.
   * @default - whatever comes next
   */
  readonly since?: string | Date | Positions;
  /** Event filter patterns as Lambda takes them, ORed. @default - every change */
  readonly filters?: readonly FilterPattern[];
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** @default - the region of the environment, or that of the ARN */
  readonly region?: string;
  /** Clients of your own, as for a local engine. @default - clients of the region */
  readonly clients?: ChangesClients;
  /** Told of what is no change, such as that others read the stream as well and reads are refused. */
  readonly onNotice?: (notice: TailNotice) => void;
}

export interface ChangesClients {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
}

/** Changes as they happen. */
export interface Changes<Item> extends AsyncIterable<Change<Item>> {
  /**
   * Where the iteration is, as JSON: `since` takes it, and goes on behind every change that came out, the one in hand
   * included. Keep it once that one is handled. It is good as long as the stream keeps records, 24 hours.
   */
  readonly token: () => string;
}

/**
 * Follows a table's changes for as long as it is iterated over, without leases and without a trace: for scripts,
 * containers and tests. Changes of an item come in order, those of different items about in the order of time.
 *
 * It is one of at most two readers that DynamoDB allows on a stream; further ones are throttled.
 * @throws MillraceError `invalid-request` for a `table` or a `since` that is none, and when there is no such table or stream.
 */
export function changes<Item = DecodedItem>(options: ChangesOptions): Changes<Item> {
  const { onNotice = () => undefined, filters = [], signal } = options;
  const following = tail(
    { source: tailSource(options), clock: systemClock, report: onNotice, random: Math.random },
    {
      start: tailStart(options.since, systemClock.nowMs()),
      accepts: recordFilter(filters),
      ...(signal ? { signal } : {}),
    },
  );
  const read = changeReader({ run: 0 });
  async function* iterate(): AsyncGenerator<Change<Item>, void, void> {
    for await (const record of following.records()) yield read(record) as Change<Item>;
  }
  return { [Symbol.asyncIterator]: iterate, token: () => JSON.stringify(following.positions()) };
}

/** Where a tail begins, as a person or a program writes it. */
export function tailStart(since: ChangesOptions['since'], nowMs: number, name = 'since'): TailStart {
  if (since === undefined) return { at: 'next' };
  if (since instanceof Date) return tailStart(dateText(since, name), nowMs, name);
  const isToken = typeof since === 'object' || since.trimStart().startsWith('{');
  if (isToken) return { at: 'positions', positions: parsePositions(since) };
  if (isTrimHorizon(since)) return { at: 'trim-horizon' };
  const momentMs = parseMoment(since, nowMs, name, ['trim-horizon', 'positions that were kept']);
  return { at: 'time', momentMs: Math.floor(momentMs / 1_000) * 1_000 };
}

function dateText(since: Date, name: string): string {
  if (!Number.isNaN(since.getTime())) return since.toISOString();
  throw new MillraceError('invalid-request', `${name} must be a valid time, got an invalid Date`);
}

const STREAM_ARN = /^arn:[\w-]+:dynamodb:[\w-]+:\d+:table\/([^/]+)\/stream\/.+$/;

/** A table's stream, or one stream by its ARN. */
export function tailSource({ table, region, clients }: ChangesOptions): TailSource {
  checkTable(table);
  const [arn, arnTable] = STREAM_ARN.exec(table) ?? [];
  const [, , , arnRegion] = table.split(':');
  const place = { ...(region || arnRegion ? { region: region ?? arnRegion } : {}) };
  const dynamodb = clients?.dynamodb ?? new DynamoDBClient(place);
  // The tail waits by itself, and longer than the client would.
  const streams = clients?.streams ?? new DynamoDBStreamsClient({ ...place, maxAttempts: 2 });
  const source = dynamodbStreamsSource({ dynamodb, streams, tableName: arnTable ?? table });
  const openLatest: TailSource['openLatest'] = (stream, shardId) => latestIterator(streams, stream, shardId);
  if (arn === undefined) return { ...source, openLatest };
  const stream = { arn, createdAtMs: streamCreatedAtMs(arn) };
  return { ...source, openLatest, isOneStream: true, current: async () => ({ kind: 'stream', stream, open: true }) };
}

const TABLE = /^(arn:[\w-]+:dynamodb:[\w-]+:\d+:table\/)?[a-zA-Z0-9_.-]{3,255}$/;

function checkTable(table: string): void {
  if (TABLE.test(table) || STREAM_ARN.test(table)) return;
  throw new MillraceError(
    'invalid-request',
    `a tail's table must be the name of a DynamoDB table, its ARN, or the ARN of its stream, got ${JSON.stringify(table)}`,
  );
}
