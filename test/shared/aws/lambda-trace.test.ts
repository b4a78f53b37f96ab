import { expect, onTestFinished, test, vi } from 'vitest';
import { lambdaClientFor, lambdaSink } from '../../../shared/aws/lambda-sink.ts';
import { awsEndpoint } from '../../support/aws-endpoint.ts';

const ARN = 'arn:aws:lambda:eu-west-1:111111111111:function:orders';
const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

/** Delivers a batch as a walk does that has these variables in its environment; the headers of the Invoke. */
async function headersWith(variables: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
  const lambda = await awsEndpoint(() => ({ status: 200, body: 'null' }));
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', lambda.endpoint);
  onTestFinished(() => void vi.unstubAllEnvs());
  const options = { functionArn: ARN, timeoutMs: 1_000, deliveryMarginMs: 1_000 };
  const sink = lambdaSink({ ...options, client: lambdaClientFor(options) });

  await sink.deliver({ subscription: 'orders', shardId: 'a', sequenceNumbers: ['1'], payload: '{"Records":[]}' });

  return lambda.requests[0]?.headers ?? {};
}

test("the walk's trace travels with every batch, so that the handler's segment joins it", async () => {
  const headers = await headersWith({ AWS_LAMBDA_FUNCTION_NAME: 'walker', _X_AMZN_TRACE_ID: TRACE });

  expect(headers['x-amzn-trace-id']).toBe(TRACE);
});

test('outside of Lambda there is no trace to pass on', async () => {
  expect(await headersWith({ AWS_LAMBDA_FUNCTION_NAME: '', _X_AMZN_TRACE_ID: TRACE })).not.toHaveProperty(
    'x-amzn-trace-id',
  );
});
