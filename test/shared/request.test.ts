import { describe, expect, test } from 'vitest';
import { parseWalkRequest, REQUEST_FORMAT, type WalkRequestInput } from '../../shared/request.ts';

const REQUEST: WalkRequestInput = {
  format: REQUEST_FORMAT,
  pipeline: 'Pipeline',
  subscription: 'Orders',
  stateTable: 'state',
  source: { kind: 'table', tableName: 'orders', region: 'eu-west-1' },
  handler: { functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:orders', timeoutMs: 30_000 },
  worker: 0,
  workers: 1,
};

test('a request that names only what it must gets the defaults of the rest', () => {
  const request = parseWalkRequest(JSON.parse(JSON.stringify(REQUEST)));

  expect(request).toEqual({
    ...REQUEST,
    start: { at: 'trim-horizon' },
    batchSize: 100,
    maxBatchingWindowMs: 0,
    parallelizationFactor: 1,
    leaseDurationMs: 60_000,
    deliveryMarginMs: 20_000,
    retryAttempts: -1,
    maxRecordAgeMs: -1,
    bisectBatchOnError: false,
    deliver: [],
    onGap: 'continue',
    filters: [],
    keepAwake: false,
  });
});

test('a Kinesis stream has one reader unless the request names more', () => {
  const stream = { kind: 'kinesis', streamName: 'changes', region: 'eu-west-1' } as const;

  expect(parseWalkRequest({ ...REQUEST, source: stream }).source).toEqual({ ...stream, readers: 1 });
  expect(parseWalkRequest({ ...REQUEST, source: { ...stream, readers: 4 } }).source).toMatchObject({ readers: 4 });
});

describe('a malformed request is refused in one sentence that names the field, the value and what is allowed', () => {
  const { source: _source, ...withoutSource } = REQUEST;
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['text', 'orders', 'the walk request must be an object, got "orders"'],
    ['nothing', undefined, 'the walk request must be an object, got nothing'],
    ['an empty object', {}, 'format must be a whole number from 1 to 1, got nothing'],
    [
      'no source',
      withoutSource,
      'source must be an object with kind, region, and tableName or streamName, got nothing',
    ],
    [
      'a source that is text',
      { ...REQUEST, source: 'orders' },
      'source must be an object with kind, region, and tableName or streamName, got "orders"',
    ],
    [
      'a source of no kind',
      { ...REQUEST, source: {} },
      'source.kind must be "table", "kinesis" or "tables", got nothing',
    ],
    [
      'a Kinesis stream without a name',
      { ...REQUEST, source: { kind: 'kinesis', region: 'eu-west-1' } },
      'source.streamName must be the name of a Kinesis stream, got nothing',
    ],
    [
      'a Kinesis stream of a table',
      { ...REQUEST, source: { kind: 'kinesis', region: 'eu-west-1', streamName: 'changes', tableName: 'orders' } },
      'source.tableName must be left out: there is no such field, got "orders"',
    ],
    [
      'no reader',
      { ...REQUEST, source: { kind: 'kinesis', region: 'eu-west-1', streamName: 'changes', readers: 0 } },
      'source.readers must be a whole number from 1 to 100, got 0',
    ],
    [
      'a bootstrap of a Kinesis stream',
      { ...REQUEST, source: { kind: 'kinesis', region: 'eu-west-1', streamName: 'changes' }, bootstrap: {} },
      'bootstrap must be left out where the source is a Kinesis stream, got {"sliceMs":3600000,"consistentRead":true}',
    ],
    [
      'a source without region',
      { ...REQUEST, source: { kind: 'table', tableName: 'orders' } },
      'source.region must be an AWS region, got nothing',
    ],
    [
      'a table name with a space',
      { ...REQUEST, source: { kind: 'table', tableName: 'my orders', region: 'eu-west-1' } },
      'source.tableName must be a table name: 3 to 255 of a-z, A-Z, 0-9, _, - and ., got "my orders"',
    ],
    ['a batch of nothing', { ...REQUEST, batchSize: 0 }, 'batchSize must be a whole number from 1 to 10000, got 0'],
    ['half a batch', { ...REQUEST, batchSize: 2.5 }, 'batchSize must be a whole number from 1 to 10000, got 2.5'],
    [
      'a field that nobody knows',
      { ...REQUEST, batchsize: 10 },
      'batchsize must be left out: there is no such field, got 10',
    ],
    [
      'an unknown start',
      { ...REQUEST, start: { at: 'now' } },
      'start.at must be one of "trim-horizon", "latest", "time", got "now"',
    ],
    [
      'a start at a time without one',
      { ...REQUEST, start: { at: 'time' } },
      'start.time must be an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z, got nothing',
    ],
    [
      'a start at a date',
      { ...REQUEST, start: { at: 'time', time: 'today' } },
      'start.time must be an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z, got "today"',
    ],
    [
      'a destination without target',
      { ...REQUEST, onFailure: { kind: 's3' } },
      'onFailure.target must be a bucket name, a queue URL or a topic ARN, got nothing',
    ],
    [
      'retries that end in nothing',
      { ...REQUEST, retryAttempts: 3 },
      'retryAttempts must be -1 where there is no onFailure, got 3',
    ],
  ];

  test.each(refused)('%s', (_name, input, message) => {
    expect(() => parseWalkRequest(input)).toThrow(expect.objectContaining({ code: 'invalid-request', message }));
  });
});

test('a request of a newer release is refused with the advice to deploy that release', () => {
  expect(() => parseWalkRequest({ ...REQUEST, format: REQUEST_FORMAT + 1 })).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('deploy the newer release') }),
  );
});
