import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import type { Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { handler as enableDestination } from '../../functions/destination-enabler.ts';
import { ChangePipeline, ChangeSource } from '../../infra/index.ts';
import { deduplicateTableDefinition } from '../../shared/core/deduplicate.ts';
import type { ChangeEvent } from '../../shared/core/record.ts';
import { deduplicateTable } from '../../shared/deduplicate.ts';
import { changeHandler } from '../../shared/handler.ts';
import { insertOf, kinesisEventOf, runHandler } from '../../shared/testing/index.ts';
import { awsEndpoint } from '../support/aws-endpoint.ts';
import { clients, sharedDynamoDbLocal, uniqueName } from '../support/dynamodb-local.ts';
import { lambdaEndpoint } from '../support/integration/lambda-endpoint.ts';
import { createStateTable, requestInput } from '../support/integration/walk-runner.ts';
import { aStream, feedOf } from '../support/kinesalite.ts';
import { aHandler, aStack } from './an-app.ts';
import { callsOf } from './aws-calls.ts';
import { allowedBy, distinct, recorded, walkerOf } from './granted-calls.ts';

// The logger reads its level when the function is loaded.
vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
});

const HANDLER = 'arn:aws:lambda:eu-west-1:111111111111:function:orders';
const STREAM = 'arn:aws:kinesis:eu-west-1:111111111111:stream/changes';
/** Lambda's logging: docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html */
const LOG = ['logs:CreateLogStream log', 'logs:PutLogEvents log'];

/** A walked, a mapped and a fanned-out stream, and a table that is told to publish. */
function aPipeline(): Stack {
  const stack = aStack();
  const pipeline = new ChangePipeline(stack, 'Changes');
  const stream = kinesis.Stream.fromStreamArn(stack, 'Here', STREAM);
  const abroad = kinesis.Stream.fromStreamArn(stack, 'Abroad', STREAM.replace('eu-west-1', 'us-east-1'));
  pipeline.subscribe('walked', { source: ChangeSource.kinesis(abroad), handler: aHandler(stack) });
  pipeline.subscribe('mapped', {
    source: ChangeSource.table(dynamodb.Table.fromTableName(stack, 'Orders', 'orders'), { through: stream }),
    handler: aHandler(stack, {}, 'MappedHandler'),
    deduplicate: true,
  });
  pipeline.subscribe('fanned', {
    source: ChangeSource.kinesis(stream, { enhancedFanOut: true }),
    handler: aHandler(stack, {}, 'FannedHandler'),
  });
  return stack;
}

test('the walker of a Kinesis stream may do with it what it does, and nothing else', async () => {
  const engine = await sharedDynamoDbLocal();
  const state = await createStateTable(engine);
  const stream = await aStream();
  await stream.put('first', feedOf(insertOf({ id: 'first' })));
  // The shard ends, so that the walk asks for its children, too.
  await stream.split((await stream.openShards())[0]?.ShardId ?? '');
  const [dynamoDb, kinesisCalls] = [await recorded(engine.endpoint), await recorded(stream.endpoint)];
  const seen: ChangeEvent[] = [];
  const lambda = await lambdaEndpoint({ [HANDLER]: { handler: (event: ChangeEvent) => void seen.push(event) } });
  const endpoints = { dynamodb: dynamoDb.endpoint, kinesis: kinesisCalls.endpoint, lambda: lambda.endpoint };
  const walk = await walkerOf(endpoints, 10_000);

  const summary = await walk(
    requestInput(state, '', {
      pipeline: 'Stack/Changes',
      subscription: 'walked',
      source: { kind: 'kinesis', streamName: stream.streamName, region: 'us-east-1' },
      handler: { functionArn: HANDLER, timeoutMs: 1_000 },
      deliveryMarginMs: 0,
    }),
  );

  expect(summary).toMatchObject({ records: 1, finishedShards: 1 });
  const granted = allowedBy(aPipeline(), 'ChangesWalkerRole');
  expect(kinesisCalls.calls()).toEqual(granted.filter((call) => call.startsWith('kinesis:')));
  const others = [...dynamoDb.calls(), ...lambda.requests.flatMap(callsOf)].map((call) =>
    call.replace(`table/${state}`, 'state').replace(HANDLER, 'handler'),
  );
  expect(others.filter((call) => !granted.includes(call))).toEqual([]);
}, 60_000);

test('a handler that deduplicates may do with its table what it does, and nothing else', async () => {
  const engine = await sharedDynamoDbLocal();
  const tableName = uniqueName('newest');
  await engine.dynamodb.send(new CreateTableCommand(deduplicateTableDefinition(tableName)));
  const dynamoDb = await recorded(engine.endpoint);
  const deduplicate = deduplicateTable({ tableName, client: clients(dynamoDb.endpoint).dynamodb });
  const handler = changeHandler({ insert: () => {} }, { deduplicate, metrics: false });
  const event = kinesisEventOf([insertOf({ id: 'first' })]);

  const first = await runHandler(handler, event);
  const again = await runHandler(handler, event);

  expect([first.retried, again.retried]).toEqual([[], []]);
  const calls = dynamoDb.calls().map((call) => call.replace(`table/${tableName}`, 'deduplicate'));
  expect(calls).toEqual(allowedBy(aPipeline(), 'ChangesSubscriptionsmappedDeduplicateAccess'));
});

test('the destination enabler may do what it does, and what DynamoDB does in its name, and nothing else', async () => {
  // A table that publishes to the millisecond at first, so that the precision has to be changed.
  let destination: object | null = null;
  const dynamoDb = await awsEndpoint(({ operation }) => {
    if (operation === 'EnableKinesisStreamingDestination') destination = { DestinationStatus: 'ACTIVE' };
    if (operation === 'UpdateKinesisStreamingDestination') {
      destination = { DestinationStatus: 'ACTIVE', ApproximateCreationDateTimePrecision: 'MICROSECOND' };
    }
    if (operation === 'DisableKinesisStreamingDestination') destination = null;
    const KinesisDataStreamDestinations = destination === null ? [] : [{ StreamArn: STREAM, ...destination }];
    return { body: JSON.stringify({ KinesisDataStreamDestinations }) };
  });
  const cloudFormation = await awsEndpoint(() => ({ status: 200 }));
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamoDb.endpoint);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
  onTestFinished(() => void vi.unstubAllEnvs());
  const send = (RequestType: string, PhysicalResourceId?: string) =>
    enableDestination(
      {
        ...{ RequestType, ResponseURL: cloudFormation.endpoint, StackId: 's', RequestId: 'r', LogicalResourceId: 'l' },
        ...(PhysicalResourceId && { PhysicalResourceId }),
        ResourceProperties: {
          ...{ TableName: 'orders', Region: 'eu-west-1', StreamArn: STREAM },
          ...{ Precision: 'MICROSECOND', TurnOffOnDelete: 'true' },
        },
      } as Parameters<typeof enableDestination>[0],
      { getRemainingTimeInMillis: () => 60_000 },
    );

  await send('Create');
  await send('Delete', JSON.parse(cloudFormation.requests[0]?.body ?? '{}').PhysicalResourceId);

  // docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_iam.html
  const byDynamoDb = ['kinesis:DescribeStream stream', 'kinesis:PutRecords stream'];
  const granted = allowedBy(aPipeline(), 'MillraceDestinationEnabler');
  const linked = granted.filter((call) => call.startsWith('iam:CreateServiceLinkedRole'));
  expect(linked).toHaveLength(1);
  expect(distinct([...dynamoDb.requests.flatMap(callsOf), ...byDynamoDb, ...linked, ...LOG])).toEqual(granted);
});

test("a handler's role has what Lambda's poller of a Kinesis stream needs, and nothing else", () => {
  const stack = aPipeline();
  const granted = (subscription: string) =>
    allowedBy(stack, `ChangesSubscriptions${subscription}PollerAccess`).filter((call) => call.startsWith('kinesis:'));

  // docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, without listing the streams of the account
  const poller = ['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'];
  const shared = poller.map((action) => `kinesis:${action} stream`);
  expect(granted('mapped')).toEqual(shared);
  expect(granted('fanned').filter((call) => call.endsWith(' stream'))).toEqual(shared);
  expect(granted('fanned').filter((call) => !shared.includes(call))).toEqual([
    'kinesis:DescribeStreamConsumer consumer',
    'kinesis:SubscribeToShard consumer',
  ]);
});
