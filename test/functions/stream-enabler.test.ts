import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test, vi } from 'vitest';
import { handler } from '../../functions/stream-enabler.ts';
import { awsEndpoint } from '../support/aws-endpoint.ts';
import { sharedDynamoDbLocal, uniqueName } from '../support/dynamodb-local.ts';

// The logger reads its level when the function is loaded.
vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const lambda = { getRemainingTimeInMillis: () => 60_000 };

async function setUp() {
  const { endpoint, dynamodb } = await sharedDynamoDbLocal();
  const variables = {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const cloudFormation = await awsEndpoint(() => ({ status: 200 }));
  const TableName = uniqueName('existing');
  const event = (RequestType: string, given: object = {}) => ({
    RequestType,
    ResponseURL: `${cloudFormation.endpoint}/answer`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Stream',
    ResourceProperties: { TableName, Region: 'us-east-1', StreamViewType: 'NEW_IMAGE', TurnOffOnDelete: 'true' },
    ...given,
  });
  const answers = () => cloudFormation.requests.map((request) => JSON.parse(request.body));
  return { dynamodb, TableName, event, answers };
}

test('an existing table gets its stream, and loses it again with the resource that turned it on', async () => {
  const { dynamodb, TableName, event, answers } = await setUp();
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const stream = async () => (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;

  await handler(event('Create'), lambda);
  const { LatestStreamArn } = (await stream()) ?? {};
  const [created] = answers();
  await handler(event('Delete', { PhysicalResourceId: created.PhysicalResourceId }), lambda);

  expect(created).toEqual({
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Stream',
    PhysicalResourceId: expect.stringContaining(`table/${TableName}#turned-on:`),
    Status: 'SUCCESS',
    Data: { StreamArn: LatestStreamArn },
  });
  expect(answers()[1]).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: created.PhysicalResourceId });
  expect((await stream())?.StreamSpecification?.StreamEnabled).not.toBe(true);
});

test('a failed creation says why, and its deletion succeeds without touching anything', async () => {
  const { TableName, event, answers } = await setUp();

  await handler(event('Create'), lambda);
  const [failed] = answers();
  await handler(event('Delete', { PhysicalResourceId: failed.PhysicalResourceId, ResourceProperties: {} }), lambda);

  expect(failed).toMatchObject({ Status: 'FAILED', Reason: `there is no table ${TableName} in us-east-1` });
  expect(answers()[1]).toMatchObject({ Status: 'SUCCESS' });
});
