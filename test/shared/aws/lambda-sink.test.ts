import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lambdaClientFor, lambdaSink } from '../../../shared/aws/lambda-sink.ts';
import type { Batch, Sink } from '../../../shared/core/ports.ts';
import { type AwsAnswer, awsEndpoint } from '../../support/aws-endpoint.ts';

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:orders:live';
const BATCH: Batch = {
  subscription: 'orders',
  shardId: 'shard-a',
  sequenceNumbers: ['1'],
  payload: '{"Records":[{"dynamodb":{"SequenceNumber":"1","Keys":{"id":{"S":"café"}}}}]}',
};

// The client is made plainly, so the SDK's own variables lead it here, as they lead a user's to a local engine.
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('a batch is invoked as it is, and the answer is what the function returned', async () => {
  const { sink, requests } = await aSink({ body: '{"batchItemFailures":[{"itemIdentifier":"1"}]}' });

  expect(await sink.deliver(BATCH)).toEqual({
    kind: 'answered',
    response: { batchItemFailures: [{ itemIdentifier: '1' }] },
  });
  expect(requests).toHaveLength(1);
  expect(requests[0]?.body).toBe(BATCH.payload);
  expect(decodeURIComponent(requests[0]?.operation ?? '')).toContain(`/functions/${FUNCTION_ARN}/invocations`);
  expect(requests[0]?.headers['x-amz-invocation-type'] ?? 'RequestResponse').toBe('RequestResponse');
});

test.for([
  ['null', null],
  ['', null],
  ['"text"', 'text'],
  ['{}', {}],
])('an answer of %j is answered with %j', async ([body, response]) => {
  const { sink } = await aSink({ body: body as string });

  expect(await sink.deliver(BATCH)).toEqual({ kind: 'answered', response });
});

test('a function that threw has failed with its own message', async () => {
  const { sink } = await aSink({
    headers: { 'x-amz-function-error': 'Unhandled' },
    body: '{"errorType":"TypeError","errorMessage":"total is not a number","trace":[]}',
  });

  expect(await sink.deliver(BATCH)).toEqual({ kind: 'failed', message: 'TypeError: total is not a number' });
});

test('a function that ran out of time has failed: nothing of it runs any more', async () => {
  const { sink } = await aSink({
    headers: { 'x-amz-function-error': 'Unhandled' },
    body: '{"errorMessage":"2026-02-03T04:05:06Z 1234 Task timed out after 3.00 seconds"}',
  });

  expect(await sink.deliver(BATCH)).toEqual({
    kind: 'failed',
    message: 'Unhandled: 2026-02-03T04:05:06Z 1234 Task timed out after 3.00 seconds',
  });
});

test.for(['null', 'not json', '17'])('a function error of %s has failed', async (body) => {
  const { sink } = await aSink({ headers: { 'x-amz-function-error': 'Unhandled' }, body });

  expect(await sink.deliver(BATCH)).toMatchObject({ kind: 'failed', message: expect.stringContaining('Unhandled') });
});

test('an answer that is not JSON is a failure of the function', async () => {
  const { sink } = await aSink({ body: 'pong' });

  expect(await sink.deliver(BATCH)).toEqual({ kind: 'failed', message: 'the function must return JSON, got pong' });
});

test.for([
  ['TooManyRequestsException', 429, 'throttled'],
  ['EC2ThrottledException', 502, 'throttled'],
  ['ResourceNotFoundException', 404, 'missing'],
  ['AccessDeniedException', 403, 'denied'],
  ['KMSAccessDeniedException', 502, 'denied'],
  ['ExpiredTokenException', 403, 'denied'],
  ['RequestTooLargeException', 413, 'too-large'],
  ['EC2UnexpectedException', 502, 'unavailable'],
  ['ENILimitReachedException', 502, 'unavailable'],
  ['ResourceConflictException', 409, 'unavailable'],
  ['SnapStartTimeoutException', 408, 'unavailable'],
] as const)('a function that Lambda refuses to start with %s was not started', async ([name, status, reason]) => {
  const { sink, requests } = await aSink(refusal(name, status));

  expect(await sink.deliver(BATCH)).toEqual({ kind: 'not-started', reason, message: `${name}: said so` });
  expect(requests).toHaveLength(1);
});

test.for([
  ['ServiceException', 500],
  ['EFSIOException', 410],
  ['SomethingNewException', 502],
  ['SomethingNewException', 400],
] as const)('%s with status %i leaves open whether the function runs, and is not repeated', async ([name, status]) => {
  const { sink, requests } = await aSink(refusal(name, status));

  expect(await sink.deliver(BATCH)).toMatchObject({ kind: 'unknown', message: expect.stringContaining(name) });
  expect(requests).toHaveLength(1);
});

test('a connection that ends without an answer leaves open whether the function runs, and is not repeated', async () => {
  const { sink, requests } = await aSink('hang-up');

  expect(await sink.deliver(BATCH)).toMatchObject({ kind: 'unknown' });
  expect(requests).toHaveLength(1);
});

test('an answer that breaks off leaves open whether the function runs', async () => {
  const { sink } = await aSink('break-off');

  expect(await sink.deliver(BATCH)).toMatchObject({ kind: 'unknown' });
});

test.for(['silence', 'stall', 'signs-of-life'] as const)(
  "no whole answer within the function's timeout and the margin leaves open whether it runs: %s",
  async (answer) => {
    const { sink, requests } = await aSink(answer, { timeoutMs: 150, deliveryMarginMs: 100 });
    const start = performance.now();

    expect(await sink.deliver(BATCH)).toMatchObject({ kind: 'unknown', message: expect.stringContaining('250 ms') });
    expect(performance.now() - start).toBeGreaterThanOrEqual(245);
    expect(requests).toHaveLength(1);
  },
);

test('an answer that comes late, but within the margin, is the answer', async () => {
  const late = () => new Promise<AwsAnswer>((resolve) => setTimeout(resolve, 200, { body: '{}' }));
  const { sink } = await aSink(late, { timeoutMs: 100, deliveryMarginMs: 2_000 });

  expect(await sink.deliver(BATCH)).toEqual({ kind: 'answered', response: {} });
});

test('a function whose service cannot be connected to was not started', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:1');
  const sink = theSink({ timeoutMs: 1_000, deliveryMarginMs: 0 });

  expect(await sink.deliver(BATCH)).toMatchObject({
    kind: 'not-started',
    reason: 'unavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('sixty batches are in flight at once: none waits for a connection while its lease runs', async () => {
  let inFlight = 0;
  let most = 0;
  const { sink } = await aSink(async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => setTimeout(resolve, 500));
    inFlight -= 1;
    return { body: '{}' };
  });

  await Promise.all(Array.from({ length: 60 }, () => sink.deliver(BATCH)));

  expect(most).toBe(60);
});

test("the client calls the function's region, or the one that it is told", async () => {
  const timing = { timeoutMs: 1_000, deliveryMarginMs: 0 };
  const regions = [
    lambdaClientFor({ ...timing, functionArn: FUNCTION_ARN }),
    lambdaClientFor({ ...timing, functionArn: FUNCTION_ARN.replace('arn:aws:', 'arn:aws-cn:') }),
    lambdaClientFor({ ...timing, functionArn: FUNCTION_ARN, region: 'ap-south-1' }),
  ].map((client) => client.config.region());

  expect(await Promise.all(regions)).toEqual(['eu-west-1', 'eu-west-1', 'ap-south-1']);
});

const refusal = (name: string, status: number): AwsAnswer => ({
  status,
  headers: { 'x-amzn-errortype': name, 'content-type': 'application/json' },
  body: JSON.stringify({ Message: 'said so', message: 'said so' }),
});

async function aSink(
  answer: AwsAnswer | (() => Promise<AwsAnswer>),
  timing = { timeoutMs: 5_000, deliveryMarginMs: 5_000 },
) {
  const { endpoint, requests } = await awsEndpoint(() => (typeof answer === 'function' ? answer() : answer));
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', endpoint);
  return { sink: theSink(timing), requests };
}

function theSink(timing: { readonly timeoutMs: number; readonly deliveryMarginMs: number }): Sink {
  const client = lambdaClientFor({ functionArn: FUNCTION_ARN, ...timing });
  return lambdaSink({ client, functionArn: FUNCTION_ARN, ...timing });
}
