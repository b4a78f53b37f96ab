import { expect, test } from 'vitest';
import { type AwsAnswer, type AwsRequest, awsEndpoint } from '../../support/aws-endpoint.ts';
import { millrace } from './command.ts';
import { walkedOrders } from './walked-orders.ts';

const STREAM = 'arn:aws:dynamodb:us-east-1:111122223333:table/orders/stream/2026-02-03T04:05:06.789';
const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:receipts-handler';

/** Lambda and CloudWatch with one mapping of a table's stream, and one of a queue. */
async function anAccount(answers: (request: AwsRequest) => AwsAnswer | undefined = () => undefined) {
  const { endpoint } = await awsEndpoint((request) => {
    const special = answers(request);
    if (special !== undefined) return special;
    if (request.path.startsWith('/2015-03-31/event-source-mappings')) {
      const mappings = [
        { UUID: 'uuid-1', EventSourceArn: STREAM, FunctionArn: FUNCTION, State: 'Enabled', LastProcessingResult: 'OK' },
        { UUID: 'uuid-2', EventSourceArn: 'arn:aws:sqs:us-east-1:1:queue', FunctionArn: FUNCTION, State: 'Enabled' },
      ];
      return { body: JSON.stringify({ EventSourceMappings: mappings }) };
    }
    if (request.path.includes('/functions/')) {
      return { body: JSON.stringify({ Environment: { Variables: { MILLRACE_SUBSCRIPTION: 'receipts' } } }) };
    }
    return {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ MetricDataResults: [{ Id: 'f0', Values: [65_000, 1] }] }),
    };
  });
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
    AWS_ENDPOINT_URL_KINESIS: endpoint,
  };
}

test('status shows event source mappings beside walked subscriptions, by the names of their subscriptions', async () => {
  const account = await anAccount();
  const orders = await walkedOrders();
  await orders.write('a');
  await orders.walkUntil(1);

  const both = await millrace(['status', '--endpoint', orders.endpoint, '--state-table', orders.stateTable], account);
  const mapped = await millrace(['status', 'receipts', '--json'], account);

  expect(both).toMatchObject({ code: 0, errors: '' });
  expect(both.out.split('\n')[2]).toMatch(/^receipts +mapping +enabled +1 m 05 s +23 h 58 m +- /);
  expect(JSON.parse(mapped.out).subscriptions).toEqual([
    {
      subscription: 'receipts',
      path: 'mapping',
      phase: 'enabled',
      streamArn: STREAM,
      functionName: 'receipts-handler',
      mapping: 'uuid-1',
      lastResult: 'OK',
      lagMs: 65_000,
      hoursUntilLoss: expect.closeTo(23.98, 1),
      parkingTable: null,
      parked: null,
    },
  ]);
});

const KINESIS = 'arn:aws:kinesis:us-east-1:111122223333:stream/changes';

/** Lambda with a handler that reads a Kinesis stream through a consumer of its own. */
const fannedOut = (request: AwsRequest): AwsAnswer | undefined => {
  if (!request.path.startsWith('/2015-03-31/event-source-mappings')) return undefined;
  const mapping = { UUID: 'uuid-3', FunctionArn: FUNCTION, State: 'Enabled' };
  const EventSourceArn = `${KINESIS}/consumer/ours:1700000000`;
  return { body: JSON.stringify({ EventSourceMappings: [{ ...mapping, EventSourceArn }] }) };
};

test('status counts the time until loss of a mapped Kinesis stream from what the stream keeps', async () => {
  const asked: string[] = [];
  const account = await anAccount((request) => {
    if (!request.body.includes('StreamARN')) return fannedOut(request);
    asked.push(request.body);
    return { body: JSON.stringify({ StreamDescriptionSummary: { RetentionPeriodHours: 168 } }) };
  });

  const { out, code } = await millrace(['status', '--json'], account);

  expect(code).toBe(0);
  expect(asked).toEqual([JSON.stringify({ StreamARN: KINESIS })]);
  expect(JSON.parse(out).subscriptions).toMatchObject([
    { subscription: 'receipts', streamArn: KINESIS, lagMs: 65_000, hoursUntilLoss: expect.closeTo(167.98, 1) },
  ]);
});

test('status shows no time until loss of a Kinesis stream that it may not ask, and says so', async () => {
  const account = await anAccount((request) =>
    request.body.includes('StreamARN')
      ? { status: 400, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: '{"message":"no"}' }
      : fannedOut(request),
  );

  const { out, code, errors } = await millrace(['status', '--json'], account);

  expect(code).toBe(0);
  expect(JSON.parse(out).subscriptions).toMatchObject([{ streamArn: KINESIS, lagMs: 65_000, hoursUntilLoss: null }]);
  expect(errors).toContain(
    `the time until loss is not shown for ${KINESIS}, as its retention is not known: AccessDenied`,
  );
});

test('status leaves out what else reads Kinesis streams', async () => {
  const account = await anAccount((request) =>
    request.path.includes('/functions/') ? { body: '{}' } : fannedOut(request),
  );

  const { out } = await millrace(['status', '--json'], account);

  expect(JSON.parse(out).subscriptions).toEqual([]);
});

test('status does without what it may not read, and says so', async () => {
  const refused = { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: '{"message":"no"}' };
  const account = await anAccount((request) =>
    request.path.startsWith('/2015-03-31/functions') ? refused : undefined,
  );
  const forbidden = await anAccount(() => refused);

  const { out, code } = await millrace(['status', '--json'], account);
  const alone = await millrace(['status'], forbidden);
  const { endpoint, stateTable } = await walkedOrders();
  const beside = await millrace(['status', '--endpoint', endpoint, '--state-table', stateTable], forbidden);

  expect(JSON.parse(out).subscriptions).toMatchObject([{ subscription: 'receipts-handler' }]);
  expect(code).toBe(0);
  expect(alone).toMatchObject({ code: 4, out: '', errors: expect.stringContaining('error: AccessDeniedException') });
  expect(beside.code).toBe(0);
  expect(beside.errors).toContain('event source mappings are not shown: AccessDeniedException');
});
