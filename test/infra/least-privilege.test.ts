import { randomBytes } from 'node:crypto';
import { CreateTableCommand, DescribeTableCommand, PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { Duration, type Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { expect, onTestFinished, test, vi } from 'vitest';
import { handler as orders } from '../../functions/orders.ts';
import { handler as enableStream } from '../../functions/stream-enabler.ts';
import { ChangePipeline, ChangeSource, type SubscriptionProps } from '../../infra/index.ts';
import { parkingTableDefinition } from '../../shared/core/parking.ts';
import type { ChangeEvent } from '../../shared/core/record.ts';
import { changeHandler } from '../../shared/handler.ts';
import { parkingTable, redriveEvent } from '../../shared/parking.ts';
import { eventOf, insertOf, runHandler } from '../../shared/testing/index.ts';
import { awsEndpoint } from '../support/aws-endpoint.ts';
import { clients, createStreamedTable, sharedDynamoDbLocal, uniqueName } from '../support/dynamodb-local.ts';
import { lambdaEndpoint } from '../support/integration/lambda-endpoint.ts';
import { createStateTable, requestInput } from '../support/integration/walk-runner.ts';
import { aHandler, aStack } from './an-app.ts';
import { callsOf } from './aws-calls.ts';
import { allowedBy, distinct, recorded, walkerOf } from './granted-calls.ts';

// The logger reads its level when the function is loaded.
vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
});

const HANDLER = 'arn:aws:lambda:eu-west-1:111111111111:function:orders';
const READER = 'arn:aws:iam::222222222222:role/reader';

/** What services of AWS do with a role of ours, and nothing of ours calls. */
const BY_AWS = {
  // Lambda's logging: docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
  log: ['logs:CreateLogStream log', 'logs:PutLogEvents log'],
  // Lambda's poller: docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html
  poller: [
    'dynamodb:DescribeStream table/orders/stream/label',
    'dynamodb:GetRecords table/orders/stream/label',
    'dynamodb:GetShardIterator table/orders/stream/label',
    'dynamodb:ListStreams table/orders/stream/*',
  ],
  // Lambda's on-failure destinations: docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
  onFailure: ['s3:ListBucket bucket', 's3:PutObject bucket/aws/lambda/*'],
  // Scheduler's target: docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
  scheduler: ['lambda:InvokeFunction walker'],
};

/** A pipeline with a walked, an existing and a mapped table, which parks: every role that the constructs make. */
function aPipeline(walked: Pick<SubscriptionProps, 'bootstrap'> = {}): Stack {
  const stack = aStack();
  const handler = aHandler(stack, { timeout: Duration.seconds(1) });
  const pipeline = new ChangePipeline(stack, 'Changes');
  const imported = (id: string, tableStreamArn?: string) =>
    dynamodb.TableV2.fromTableAttributes(stack, id, { tableName: 'orders', ...(tableStreamArn && { tableStreamArn }) });
  pipeline.subscribe('walked', {
    source: ChangeSource.table(imported('Walked'), { region: 'us-east-1' }),
    handler,
    ...walked,
  });
  const stream = 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/label';
  pipeline.subscribe('mapped', {
    source: ChangeSource.table(imported('Mapped', stream)),
    handler: aHandler(stack, {}, 'HandlerThatParks'),
    parking: { redriveEvery: Duration.hours(1) },
  });
  return stack;
}

/** A pipeline that walks a table of another account. */
function aPipelineOfTheirs(): Stack {
  const stack = aStack();
  const tableArn = 'arn:aws:dynamodb:eu-west-1:222222222222:table/orders';
  const table = dynamodb.TableV2.fromTableArn(stack, 'Theirs', tableArn);
  new ChangePipeline(stack, 'Changes').subscribe('walked', {
    source: ChangeSource.table(table, { readerRole: iam.Role.fromRoleArn(stack, 'Reader', READER) }),
    handler: aHandler(stack),
  });
  return stack;
}

const refuseTheSecond = ({ Records }: ChangeEvent) => ({
  batchItemFailures: Records.filter(({ dynamodb }) => JSON.stringify(dynamodb).includes('second')).map(
    ({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber }),
  ),
});

test('the walker may do what it does, and nothing else', async () => {
  const engine = await sharedDynamoDbLocal();
  const { tableName } = await createStreamedTable(engine.dynamodb);
  const state = await createStateTable(engine);
  const dynamoDb = await recorded(engine.endpoint);
  const lambda = await lambdaEndpoint({ [HANDLER]: { handler: refuseTheSecond } });
  const s3 = await awsEndpoint(() => ({ status: 200 }));
  const walk = await walkerOf({ dynamodb: dynamoDb.endpoint, lambda: lambda.endpoint, s3: s3.endpoint });
  const put = (id: string) =>
    engine.dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: id } } }));
  await put('first');
  await put('second');
  // The table's shard ends, so that the walk writes a shard's end, too.
  await engine.dynamodb.send(
    new UpdateTableCommand({ TableName: tableName, StreamSpecification: { StreamEnabled: false } }),
  );

  const summary = await walk(
    requestInput(state, tableName, {
      pipeline: 'Stack/Changes',
      subscription: 'walked',
      handler: { functionArn: HANDLER, timeoutMs: 1_000 },
      deliveryMarginMs: 0,
      retryAttempts: 0,
      onFailure: { kind: 's3', target: 'bucket' },
    }),
  );

  expect(summary).toMatchObject({ finishedShards: 1 });
  const objects = s3.requests.map(({ path }) => `s3:PutObject ${path.replace(/^\/(bucket\/.*\/walked)\/.*$/, '$1/*')}`);
  const calls = [...dynamoDb.calls(), ...lambda.requests.flatMap(callsOf), ...objects].map((call) =>
    call.replace(`table/${tableName}`, 'table/orders').replace(`table/${state}`, 'state').replace(HANDLER, 'handler'),
  );
  expect(distinct([...calls, ...BY_AWS.log])).toEqual(allowedBy(aPipeline(), 'ChangesWalkerRole'));
});

test("the walker of another account's table may assume the role of that account, and nothing else of the table", async () => {
  const engine = await sharedDynamoDbLocal();
  const dynamoDb = await recorded(engine.endpoint);
  const sts = await awsEndpoint(() => ({
    headers: { 'content-type': 'text/xml' },
    body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>THEIRS</AccessKeyId>
      <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2126-01-31T12:00:00Z</Expiration>
      </Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  }));
  const walk = await walkerOf({ dynamodb: dynamoDb.endpoint, sts: sts.endpoint });

  await walk(
    requestInput(await createStateTable(engine), uniqueName('theirs'), {
      source: { kind: 'table', tableName: uniqueName('theirs'), region: 'us-east-1', roleArn: READER },
      handler: { functionArn: HANDLER, timeoutMs: 1_000 },
      deliveryMarginMs: 0,
    }),
  );

  const assumed = sts.requests.map(({ body }) => new URLSearchParams(body));
  expect(assumed.map((asked) => [asked.get('Action'), asked.get('RoleArn')])).toEqual([['AssumeRole', READER]]);
  const granted = allowedBy(aPipelineOfTheirs(), 'ChangesWalkerRole');
  expect(granted).toContain(`sts:AssumeRole ${READER}`);
  expect(granted.filter((call) => call.includes('table/'))).toEqual([]);
});

test('the walker of a bootstrap may scan the table besides, and nothing else', async () => {
  const engine = await sharedDynamoDbLocal();
  const { tableName } = await createStreamedTable(engine.dynamodb);
  const state = await createStateTable(engine);
  const dynamoDb = await recorded(engine.endpoint);
  const lambda = await lambdaEndpoint({ [HANDLER]: { handler: () => ({ batchItemFailures: [] }) } });
  const walk = await walkerOf({ dynamodb: dynamoDb.endpoint, lambda: lambda.endpoint }, 12_000);
  await engine.dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: 'first' } } }));

  await walk(
    requestInput(state, tableName, {
      pipeline: 'Stack/Changes',
      subscription: 'walked',
      handler: { functionArn: HANDLER, timeoutMs: 1_000 },
      deliveryMarginMs: 0,
      leaseDurationMs: 1_000,
      bootstrap: {},
    }),
  );

  const calls = [...dynamoDb.calls(), ...lambda.requests.flatMap(callsOf)].map((call) =>
    call.replace(`table/${tableName}`, 'table/orders').replace(`table/${state}`, 'state').replace(HANDLER, 'handler'),
  );
  const granted = allowedBy(aPipeline({ bootstrap: true }), 'ChangesWalkerRole');
  expect(granted).toEqual(distinct([...allowedBy(aPipeline(), 'ChangesWalkerRole'), 'dynamodb:Scan table/orders']));
  expect(calls).toContain('dynamodb:Scan table/orders');
  expect(calls.filter((call) => !granted.includes(call))).toEqual([]);
});

test('a handler that parks may do with the parking table what it does, and nothing else', async () => {
  const engine = await sharedDynamoDbLocal();
  const TableName = uniqueName('parking');
  await engine.dynamodb.send(new CreateTableCommand(parkingTableDefinition(TableName)));
  const dynamoDb = await recorded(engine.endpoint);
  const client = clients(dynamoDb.endpoint).dynamodb;
  const parking = parkingTable({ tableName: TableName, subscription: 'orders', client, attempts: 1 });
  let isBroken = true;
  const handler = changeHandler<{ readonly id: string; readonly text: string }>(
    {
      insert: () => {
        if (isBroken) throw new Error('poison');
      },
    },
    { parking, metrics: false },
  );
  // Too large for the change's own row: it is stored in chunks, which go when it is settled.
  const text = randomBytes(150_000).toString('base64');

  const parked = await runHandler(
    handler,
    eventOf([insertOf({ id: 'poison', text }), insertOf({ id: 'poison', text })]),
  );
  isBroken = false;
  const redriven = await runHandler(handler, redriveEvent() as never);

  expect(parked.retried).toEqual([]);
  expect(redriven.response).toMatchObject({ redrive: { redriven: 2, freed: 1 } });
  const calls = dynamoDb.calls().map((call) => call.replace(`table/${TableName}`, 'parking'));
  expect(calls).toEqual(allowedBy(aPipeline(), 'ChangesSubscriptionsmappedParkingAccess'));
});

test('the stream enabler may do what it does, and nothing else', async () => {
  const engine = await sharedDynamoDbLocal();
  const dynamoDb = await recorded(engine.endpoint);
  const cloudFormation = await awsEndpoint(() => ({ status: 200 }));
  for (const service of ['DYNAMODB', 'DYNAMODB_STREAMS']) vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, dynamoDb.endpoint);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
  onTestFinished(() => void vi.unstubAllEnvs());
  const TableName = uniqueName('existing');
  await engine.dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const event = (RequestType: string, PhysicalResourceId?: string) => ({
    RequestType,
    ...(PhysicalResourceId && { PhysicalResourceId }),
    ...{ ResponseURL: cloudFormation.endpoint, StackId: 's', RequestId: 'r', LogicalResourceId: 'l' },
    ResourceProperties: { TableName, Region: 'us-east-1', StreamViewType: 'NEW_IMAGE', TurnOffOnDelete: 'true' },
  });

  await enableStream(event('Create'), { getRemainingTimeInMillis: () => 60_000 });
  const { PhysicalResourceId } = JSON.parse(cloudFormation.requests[0]?.body ?? '{}');
  await enableStream(event('Delete', PhysicalResourceId), { getRemainingTimeInMillis: () => 60_000 });

  const { Table } = await engine.dynamodb.send(new DescribeTableCommand({ TableName }));
  expect(Table?.StreamSpecification?.StreamEnabled).not.toBe(true);
  const calls = dynamoDb.calls().map((call) => call.replace(`table/${TableName}`, 'table/orders'));
  expect(distinct([...calls, ...BY_AWS.log])).toEqual(allowedBy(aPipeline(), 'MillraceStreamEnabler'));
});

test('the example handler calls nothing', async () => {
  const aws = await awsEndpoint(() => 'hang-up');
  vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
  onTestFinished(() => void vi.unstubAllEnvs());

  await orders({ Records: [] }, undefined as never);

  expect(aws.requests).toEqual([]);
});

test("the handler's role has what Lambda's poller and its on-failure destination need, and nothing else", () => {
  expect(allowedBy(aPipeline(), 'ChangesSubscriptionsmappedPollerAccess')).toEqual(
    distinct([...BY_AWS.poller, ...BY_AWS.onFailure]),
  );
});

test("Scheduler's role may invoke the walker, and nothing else", () => {
  expect(allowedBy(aPipeline(), 'ChangesWalkerSchedulerRole')).toEqual(BY_AWS.scheduler);
});

test("Scheduler's role for redrives may invoke the handler that parks, and nothing else", () => {
  expect(allowedBy(aPipeline(), 'ChangesSubscriptionsmappedParkingRedriveRole')).toEqual([
    'lambda:InvokeFunction handler',
  ]);
});
