import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { errorMessage, failed, isUnsent, refusedWrite } from '../../../shared/aws/errors.ts';
import { type AwsAnswer, awsEndpoint, awsError } from '../../support/aws-endpoint.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

test.for([
  ['ThrottlingException', 'throttled'],
  ['LimitExceededException', 'throttled'],
  ['ProvisionedThroughputExceededException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['AccessDeniedException', 'denied'],
  ['UnrecognizedClientException', 'denied'],
  ['ExpiredTokenException', 'denied'],
  ['InternalServerError', 'unavailable'],
  ['ValidationException', 'unavailable'],
  ['SomethingNewException', 'unavailable'],
] as const)('%s is a call that failed: %s', async ([name, reason]) => {
  const error = await errorFrom(awsError(name));

  expect(failed(error)).toEqual({ kind: 'failed', reason, message: `${name}: ${name} as it is` });
});

test('a call that could not be made for want of credentials was denied', () => {
  const error = Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' });

  expect(failed(error).reason).toBe('denied');
});

test('what was thrown and is no error becomes a message, too', () => {
  expect(failed('stopped')).toEqual({ kind: 'failed', reason: 'unavailable', message: 'stopped' });
  expect(errorMessage(undefined)).toBe('undefined');
});

test.for([
  ['TransactionConflictException', {}],
  ['TransactionInProgressException', {}],
  ['ReplicatedWriteConflictException', {}],
  ['TransactionCanceledException', reasons('None', 'TransactionConflict')],
  ['TransactionCanceledException', reasons('ThrottlingError', 'ProvisionedThroughputExceeded')],
] as const)('%s with %j is the fault of other writes', async ([name, fields]) => {
  expect(refusedWrite(await errorFrom(awsError(name, fields)))).toEqual({ by: 'conflict' });
});

test.for([
  ['ConditionalCheckFailedException', { Item: { pk: { S: 'a' } } }],
  ['TransactionCanceledException', reasons({ Code: 'ConditionalCheckFailed', Item: { pk: { S: 'a' } } }, 'None')],
  [
    'TransactionCanceledException',
    reasons({ Code: 'ConditionalCheckFailed', Item: { pk: { S: 'a' } } }, 'TransactionConflict'),
  ],
] as const)('%s with %j is a condition that failed, and shows the row', async ([name, fields]) => {
  const refused = refusedWrite(await errorFrom(awsError(name, fields)));

  expect(refused).toEqual({ by: 'condition', item: { pk: { S: 'a' } } });
});

test('a condition that failed without a row shows none', async () => {
  expect(refusedWrite(await errorFrom(awsError('ConditionalCheckFailedException')))).toEqual({
    by: 'condition',
    item: null,
  });
});

test.for([
  ['TransactionCanceledException', reasons('None', 'ValidationError')],
  ['TransactionCanceledException', reasons('None', 'ConditionalCheckFailed')],
  ['TransactionCanceledException', reasons('TransactionConflict', 'ItemCollectionSizeLimitExceeded')],
  ['TransactionCanceledException', {}],
  ['ValidationException', {}],
  ['InternalServerError', {}],
] as const)('%s with %j is neither', async ([name, fields]) => {
  expect(refusedWrite(await errorFrom(awsError(name, fields)))).toBeNull();
});

test('a request that was refused a connection, or found no address, never left', async () => {
  expect(isUnsent(await errorOf('http://127.0.0.1:1'))).toBe(true);
  expect(isUnsent(await errorOf('http://localhost:1'))).toBe(true);
  expect(isUnsent(await errorOf('http://no-such-host.invalid'))).toBe(true);
});

test('a request whose connection was not made in time never left', async () => {
  const port = await aPortThatAcceptsNobody();

  const error = await errorOf(`http://127.0.0.1:${port}`, { connectionTimeout: 300 });

  expect(errorMessage(error)).toContain('TimeoutError');
  expect(isUnsent(error)).toBe(true);
});

test('a request that was sent may have arrived, whatever became of the answer', async () => {
  const { endpoint: hangingUp } = await awsEndpoint(() => 'hang-up');
  const { endpoint: silent } = await awsEndpoint(() => 'silence');

  expect(isUnsent(await errorOf(hangingUp))).toBe(false);
  expect(isUnsent(await errorOf(silent, { requestTimeout: 100, throwOnRequestTimeout: true }))).toBe(false);
  expect(isUnsent(await errorFrom(awsError('InternalServerError', {}, 500)))).toBe(false);
  expect(isUnsent(new AggregateError([]))).toBe(false);
  expect(isUnsent('stopped')).toBe(false);
});

function reasons(...codes: readonly (string | object)[]): object {
  return { CancellationReasons: codes.map((code) => (typeof code === 'string' ? { Code: code } : code)) };
}

async function errorFrom(answer: AwsAnswer): Promise<unknown> {
  const { endpoint } = await awsEndpoint(() => answer);
  return errorOf(endpoint);
}

async function errorOf(endpoint: string, requestHandler: object = {}): Promise<unknown> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1, requestHandler });
  const error = await client.send(new ListTablesCommand()).catch((thrown: unknown) => thrown);
  client.destroy();
  return error;
}

/** A listening port whose owner sleeps and whose queue is full, as of a host that drops what it cannot take. */
async function aPortThatAcceptsNobody(): Promise<number> {
  const sleeper = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer();
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10);
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => sleeper.once('message', resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const queued: readonly Socket[] = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 50));
  cleanUps.push(
    () => sleeper.terminate(),
    () => {
      for (const socket of queued) socket.destroy();
    },
  );
  return port;
}
