import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeEvent } from '../../../shared/core/record.ts';
import { type AwsAnswer, type AwsEndpoint, awsEndpoint } from '../aws-endpoint.ts';

/** A function that the endpoint knows. */
export interface LocalFunction {
  readonly handler: (event: ChangeEvent) => unknown;
  /** @default 60000 */
  readonly timeoutMs?: number;
}

/**
 * Lambda's Invoke over HTTP, running functions of this process by their ARN or name; it ends with the test.
 *
 * An error of the handler, and a handler that takes longer than its timeout, are answered as Lambda answers them. A
 * caller that is gone changes nothing: the handler runs on.
 */
export const lambdaEndpoint = (functions: Readonly<Record<string, LocalFunction>>): Promise<AwsEndpoint> =>
  awsEndpoint(({ operation: path, body }) => {
    const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
    const called = functions[decodeURIComponent(name)];
    if (called === undefined) return notFound(path);
    const timeoutMs = called.timeoutMs ?? 60_000;
    const timer = new AbortController();
    const timedOut = sleep(timeoutMs, null, { signal: timer.signal }).then(
      () => functionError('Sandbox.Timedout', `Task timed out after ${timeoutMs / 1000} seconds`),
      (): AwsAnswer => ({}),
    );
    const answered = run(called, body).finally(() => timer.abort());
    return Promise.race([answered, timedOut]);
  });

async function run({ handler }: LocalFunction, body: string): Promise<AwsAnswer> {
  try {
    const answer: unknown = await handler(JSON.parse(body) as ChangeEvent);
    return { status: 200, body: JSON.stringify(answer ?? null) };
  } catch (error) {
    return error instanceof Error
      ? functionError(error.name, error.message)
      : functionError('Error', JSON.stringify(error));
  }
}

const functionError = (errorType: string, errorMessage: string): AwsAnswer => ({
  status: 200,
  headers: { 'x-amz-function-error': 'Unhandled' },
  body: JSON.stringify({ errorType, errorMessage, trace: [] }),
});

const notFound = (path: string): AwsAnswer => ({
  status: 404,
  headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
  body: JSON.stringify({ Type: 'User', Message: `Function not found: ${path}` }),
});
