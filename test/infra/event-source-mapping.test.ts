import { CfnParameter, Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { ChangePipeline, ChangeSource, type SubscriptionProps } from '../../infra/index.ts';
import { aHandler, anApp, aStack, aTable, only, statements } from './an-app.ts';

const subscribed = (props: Partial<SubscriptionProps> = {}) => {
  const stack = aStack();
  const table = aTable(stack);
  const pipeline = new ChangePipeline(stack, 'Changes');
  const subscription = pipeline.subscribe('orders', {
    source: ChangeSource.table(table),
    handler: aHandler(stack),
    ...props,
  });
  return { stack, table, pipeline, subscription };
};

test('a table of the stack is mapped with defaults that neither lose a change nor wait for ever', () => {
  const { stack } = subscribed();

  expect(only(stack, 'AWS::Lambda::EventSourceMapping')).toEqual({
    EventSourceArn: { 'Fn::GetAtt': [expect.stringContaining('Table'), 'StreamArn'] },
    FunctionName: { Ref: expect.stringContaining('Handler') },
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 100,
    MaximumBatchingWindowInSeconds: 0,
    ParallelizationFactor: 1,
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 500,
    MaximumRecordAgeInSeconds: 20 * 60 * 60,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MetricsConfig: { Metrics: ['EventCount'] },
    DestinationConfig: {
      OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('OnFailure'), 'Arn'] } },
    },
    Enabled: true,
  });
});

test('its stream is turned on with both images', () => {
  const { stack } = subscribed();

  Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
});

test('a stream that the table already has is taken as it is', () => {
  const stack = aStack();
  const table = new dynamodb.Table(stack, 'Table', {
    partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
    stream: dynamodb.StreamViewType.KEYS_ONLY,
  });

  new ChangePipeline(stack, 'Changes').subscribe('orders', {
    source: ChangeSource.table(table),
    handler: aHandler(stack),
  });

  Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::Table', {
    StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
  });
});

test('fails when another view type is asked for than the stream has, naming both', () => {
  const stack = aStack();
  const table = aTable(stack, { dynamoStream: dynamodb.StreamViewType.KEYS_ONLY });

  expect(() =>
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(table, { streamViewType: dynamodb.StreamViewType.NEW_IMAGE }),
      handler: aHandler(stack),
    }),
  ).toThrow(/the stream of Stack\/Table has the view type KEYS_ONLY, and NEW_IMAGE was asked for/);
});

test("Lambda polls with the handler's role, which gets what that needs and no more", () => {
  const { stack } = subscribed();

  expect(statements(stack, 'ChangesSubscriptionsordersPollerAccess')).toEqual([
    {
      Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      Resource: [{ 'Fn::GetAtt': [expect.any(String), 'StreamArn'] }],
    },
    { Action: ['dynamodb:ListStreams'], Resource: [{ 'Fn::Join': ['', [expect.anything(), '/stream/*']] }] },
    { Action: ['s3:ListBucket'], Resource: [expect.anything()] },
    { Action: ['s3:PutObject'], Resource: [{ 'Fn::Join': ['', [expect.anything(), '/aws/lambda/*']] }] },
  ]);
});

test.each([
  ['a role that was imported', {}, 1],
  ['no role that was imported as immutable', { mutable: false }, 0],
])('%s gets a policy', (_case, options, policies) => {
  const stack = aStack();
  const role = iam.Role.fromRoleArn(stack, 'Imported', 'arn:aws:iam::111111111111:role/handlers', options);
  const source = ChangeSource.table(aTable(stack));
  new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack, { role }) });

  Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', policies);
});

test('the mapping waits for the permission to poll', () => {
  const { stack } = subscribed();

  Template.fromStack(stack).hasResource('AWS::Lambda::EventSourceMapping', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('PollerAccess')]),
  });
});

test("the mapping's logical id comes from the subscription, not from the table's construct", () => {
  const idOf = (tableId: string) => {
    const stack = aStack();
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack, {}, tableId)),
      handler: aHandler(stack),
    });
    return Object.keys(Template.fromStack(stack).findResources('AWS::Lambda::EventSourceMapping'));
  };

  expect(idOf('Orders')).toEqual(idOf('RenamedOrders'));
});

test('a table of another stack is imported strongly, so that no change set plans to replace the mapping', () => {
  const app = anApp();
  const tables = aStack(app, 'Tables');
  const stack = aStack(app, 'Pipeline');
  new ChangePipeline(stack, 'Changes').subscribe('orders', {
    source: ChangeSource.table(aTable(tables)),
    handler: aHandler(stack),
  });

  expect(only(stack, 'AWS::Lambda::EventSourceMapping').EventSourceArn).toEqual({
    'Fn::ImportValue': expect.stringContaining('StreamArn'),
  });
  expect(stack.dependencies).toContain(tables);
});

test('a handler in another stack makes no cycle', () => {
  const app = anApp();
  const functions = aStack(app, 'Functions');
  const stack = aStack(app, 'Pipeline');
  new ChangePipeline(stack, 'Changes').subscribe('orders', {
    source: ChangeSource.table(aTable(stack)),
    handler: aHandler(functions),
  });

  expect(() => Template.fromStack(stack)).not.toThrow();
  expect(functions.dependencies).toEqual([]);
});

test('a version or an alias can be the handler', () => {
  const stack = aStack();
  const alias = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: aHandler(stack).currentVersion });
  new ChangePipeline(stack, 'Changes').subscribe('orders', {
    source: ChangeSource.table(aTable(stack)),
    handler: alias,
  });

  expect(JSON.stringify(only(stack, 'AWS::Lambda::EventSourceMapping').FunctionName)).toContain('live');
});

test.each([
  [{ batchSize: 0 }, 'batchSize must be a whole number from 1 to 10000, got 0'],
  [{ batchSize: 10_001 }, 'batchSize must be a whole number from 1 to 10000, got 10001'],
  [{ batchSize: 1.5 }, 'batchSize must be a whole number from 1 to 10000, got 1.5'],
  [
    { maxBatchingWindow: Duration.seconds(301) },
    'maxBatchingWindow must be a whole number of seconds from 0 to 300, got 301 s',
  ],
  [
    { maxBatchingWindow: Duration.millis(1500) },
    'maxBatchingWindow must be a whole number of seconds from 0 to 300, got 1.5 s',
  ],
  [{ parallelizationFactor: 11 }, 'parallelizationFactor must be a whole number from 1 to 10, got 11'],
  [{ retryAttempts: -2 }, 'retryAttempts must be a whole number from -1 to 10000, got -2'],
  [
    { maxRecordAge: Duration.seconds(59) },
    'maxRecordAge must be a whole number of seconds from 60 to 604800, got 59 s',
  ],
  [
    { tumblingWindow: Duration.seconds(901) },
    'tumblingWindow must be a whole number of seconds from 0 to 900, got 901 s',
  ],
  [{ startingPositionTimestamp: new Date(0) }, 'startingPositionTimestamp must be left out with TRIM_HORIZON'],
  [{ workers: 2 }, 'workers is for the shard walker; this subscription takes event-source-mapping'],
  [
    { startingPosition: lambda.StartingPosition.AT_TIMESTAMP, startingPositionTimestamp: new Date(0) },
    "startingPosition must be TRIM_HORIZON or LATEST on a mapping of a table's stream, got AT_TIMESTAMP",
  ],
] satisfies [Partial<SubscriptionProps>, string][])('fails on %o', (props, message) => {
  expect(() => subscribed(props)).toThrow(`Stack/Changes/Subscriptions/orders: ${message}`);
});

test('a value that only the deployment knows is not checked', () => {
  const stack = aStack();
  const batchSize = new CfnParameter(stack, 'BatchSize', { type: 'Number' }).valueAsNumber;

  expect(() =>
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      batchSize,
    }),
  ).not.toThrow();
});

test('fails when two subscriptions of a pipeline have one id', () => {
  const { pipeline, table, stack } = subscribed();

  expect(() =>
    pipeline.subscribe('orders', { source: ChangeSource.table(table), handler: aHandler(stack, {}, 'Other') }),
  ).toThrow('Stack/Changes: there is a subscription "orders" already');
});
