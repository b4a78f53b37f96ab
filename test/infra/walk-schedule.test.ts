import { CfnParameter, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import { ChangePipeline, ChangeSource, OnFailure, type SubscriptionProps } from '../../infra/index.ts';
import { STATE_TABLE_KEYS, stateTableDefinition } from '../../shared/core/state-row.ts';
import { parseWalkRequest } from '../../shared/request.ts';
import { aHandler, anApp, aStack, aTable, only, statements } from './an-app.ts';

const subscribed = (props: Partial<SubscriptionProps> = {}) => {
  const app = anApp();
  const abroad = aStack(app, 'Abroad', 'us-east-1');
  const stack = aStack(app, 'Stack', 'eu-west-1');
  const pipeline = new ChangePipeline(stack, 'Changes');
  const subscription = pipeline.subscribe('orders', {
    source: ChangeSource.table(aTable(abroad, { tableName: 'orders' })),
    handler: aHandler(stack, { timeout: Duration.seconds(30) }),
    ...props,
  });
  return { stack, abroad, pipeline, subscription };
};

const inputOf = (stack: Stack): unknown => {
  const target = only(stack, 'AWS::Scheduler::Schedule').Target as { Input: { 'Fn::Join': [string, unknown[]] } };
  return JSON.parse(target.Input['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'token')).join(''));
};

test('a table of another region is walked: the input of its schedule is the whole request', () => {
  const { stack } = subscribed();

  expect(inputOf(stack)).toEqual({
    format: 1,
    pipeline: 'Stack/Changes',
    subscription: 'orders',
    stateTable: 'token',
    source: { kind: 'table', tableName: 'orders', region: 'us-east-1' },
    handler: { functionArn: 'token', timeoutMs: 30_000 },
    worker: 0,
    workers: 1,
    retryAttempts: 500,
    maxRecordAgeMs: 20 * 60 * 60 * 1_000,
    bisectBatchOnError: true,
    onFailure: { kind: 's3', target: 'token' },
  });
});

test('every option travels in the request, in the form that the walker reads', () => {
  const { stack } = subscribed({
    startingPosition: lambda.StartingPosition.AT_TIMESTAMP,
    startingPositionTimestamp: new Date('2026-01-31T12:00:00Z'),
    retryAttempts: 3,
    maxRecordAge: Duration.hours(1),
    bisectBatchOnError: false,
    batchSize: 7,
    maxBatchingWindow: Duration.seconds(2),
    parallelizationFactor: 3,
    leaseDuration: Duration.seconds(45),
    deliveryMargin: Duration.seconds(10),
    deliver: ['gap'],
    onGap: 'halt',
    keepAwake: true,
    filters: [lambda.FilterCriteria.filter({ eventName: lambda.FilterRule.isEqual('INSERT') })],
  });

  expect(parseWalkRequest(inputOf(stack))).toMatchObject({
    start: { at: 'time', time: '2026-01-31T12:00:00.000Z' },
    retryAttempts: 3,
    maxRecordAgeMs: 3_600_000,
    bisectBatchOnError: false,
    batchSize: 7,
    maxBatchingWindowMs: 2_000,
    parallelizationFactor: 3,
    leaseDurationMs: 45_000,
    deliveryMarginMs: 10_000,
    deliver: ['gap'],
    onGap: 'halt',
    keepAwake: true,
    filters: [{ eventName: ['INSERT'] }],
  });
});

test('a number that only the deployment knows stays a number in the request', () => {
  const { stack, pipeline } = subscribed();
  const parameter = new CfnParameter(stack, 'Size', { type: 'Number' }).valueAsNumber;
  const subscription = pipeline.subscribe('more', {
    source: ChangeSource.table(aTable(stack)),
    delivery: 'shard-walker',
    handler: aHandler(stack, {}, 'More'),
    batchSize: parameter,
    maxRecordAge: Duration.millis(parameter),
  });
  const [schedule] = subscription.schedules;
  const { input } = stack.resolve((schedule?.node.defaultChild as CfnSchedule | undefined)?.target);

  expect(JSON.stringify(input)).toContain('\\"batchSize\\":",{"Ref":"Size"},",');
  expect(JSON.stringify(input)).toContain('\\"maxRecordAgeMs\\":",{"Ref":"Size"},",');
});

test.each([
  ['sqs', (stack: Stack) => OnFailure.sqs(new sqs.Queue(stack, 'Queue')), 'sqs:SendMessage'],
  ['sns', (stack: Stack) => OnFailure.sns(new sns.Topic(stack, 'Topic')), 'sns:Publish'],
] as const)('a batch that was given up can go to %s, which the walker may write to', (kind, destination, action) => {
  const app = anApp();
  const stack = aStack(app);
  new ChangePipeline(stack, 'Changes').subscribe('orders', {
    source: ChangeSource.table(aTable(aStack(app, 'Abroad', 'us-east-1'), { tableName: 'orders' })),
    handler: aHandler(stack),
    onFailure: destination(stack),
  });

  expect(inputOf(stack)).toMatchObject({ onFailure: { kind, target: 'token' } });
  expect(statements(stack, 'ChangesWalkerRole').flatMap((one) => one.Action)).toContain(action);
  Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
});

test('nothing repeats a tick: neither Scheduler nor Lambda', () => {
  const { stack } = subscribed();
  const template = Template.fromStack(stack);

  template.hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
  });
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
});

test('each worker is a schedule of its own', () => {
  const { stack, subscription } = subscribed({ workers: 3 });

  Template.fromStack(stack).resourceCountIs('AWS::Scheduler::Schedule', 3);
  expect(subscription.schedules).toHaveLength(3);
});

test('the walker runs on Node 24 and arm64 for up to 15 minutes, with a log that is kept for a month', () => {
  const { stack } = subscribed();
  const template = Template.fromStack(stack);

  template.hasResourceProperties('AWS::Lambda::Function', {
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Timeout: 900,
    MemorySize: 1024,
    LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: Match.stringLikeRegexp('WalkerLogs') } },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
});

test('the state table is protected, backed up and kept, and removes finished rows by itself', () => {
  const { stack } = subscribed();

  Template.fromStack(stack).hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'removeAt', Enabled: true },
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          Region: 'eu-west-1',
        },
      ],
    },
  });
});

test('the state table has the keys and the time to live that the walker writes', () => {
  const { stack } = subscribed();
  const { KeySchema, AttributeDefinitions } = stateTableDefinition('state');

  expect(only(stack, 'AWS::DynamoDB::GlobalTable')).toMatchObject({
    KeySchema,
    AttributeDefinitions,
    TimeToLiveSpecification: { AttributeName: STATE_TABLE_KEYS.removeAt },
  });
});

test('the walker may use its state, read the table and its streams, and invoke the handler, and no more', () => {
  const { stack } = subscribed();

  expect(statements(stack, 'ChangesWalkerRole')).toEqual([
    { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: [expect.anything()] },
    {
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      Resource: [{ 'Fn::GetAtt': [expect.stringContaining('State'), 'Arn'] }],
    },
    { Action: ['dynamodb:DescribeTable'], Resource: [expect.anything()] },
    {
      Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      Resource: [expect.anything()],
    },
    { Action: ['s3:PutObject'], Resource: [expect.anything()] },
    { Action: ['lambda:InvokeFunction'], Resource: [{ 'Fn::GetAtt': [expect.stringContaining('Handler'), 'Arn'] }] },
  ]);
  const resources = JSON.stringify(statements(stack, 'ChangesWalkerRole').flatMap((one) => one.Resource));
  expect(resources).toContain('table/orders/stream/*');
  expect(resources).not.toContain('"*"');
});

test('the table in the other region gets its stream', () => {
  const { abroad } = subscribed();

  Template.fromStack(abroad).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
});

test('the reason for the path is an annotation', () => {
  const { stack } = subscribed();

  Annotations.fromStack(stack).hasInfo(
    '/Stack/Changes/Subscriptions/orders',
    Match.stringLikeRegexp('delivered by shard-walker: the table is in us-east-1 and the pipeline in eu-west-1'),
  );
});

test('an imported handler states its timeout', () => {
  const stack = aStack();
  const handler = lambda.Function.fromFunctionArn(stack, 'H', 'arn:aws:lambda:eu-west-1:111111111111:function:h');
  const table = aTable(aStack(anApp(), 'Abroad', 'us-east-1'), { tableName: 'orders' });
  const pipeline = new ChangePipeline(stack, 'Changes');

  expect(() => pipeline.subscribe('a', { source: ChangeSource.table(table), handler })).toThrow(
    'handlerTimeout must be given: the timeout of the imported Stack/H is not known here',
  );
  expect(() =>
    pipeline.subscribe('b', { source: ChangeSource.table(table), handler, handlerTimeout: Duration.seconds(5) }),
  ).not.toThrow();
});

test('a function without a timeout has the 3 seconds that Lambda gives it, also behind an alias', () => {
  const app = anApp();
  const stack = aStack(app);
  const handler = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: aHandler(stack).currentVersion });
  new ChangePipeline(stack, 'Changes').subscribe('orders', {
    source: ChangeSource.table(aTable(aStack(app, 'Abroad', 'us-east-1'), { tableName: 'orders' })),
    handler,
  });

  expect(inputOf(stack)).toMatchObject({ handler: { timeoutMs: 3_000 } });
});

test.each([
  [{ workers: 0 }, 'workers must be a whole number from 1 to 100, got 0'],
  [{ leaseDuration: Duration.seconds(9) }, 'leaseDuration must be a whole number of seconds from 10 to 900, got 9 s'],
  [{ batchSize: 0 }, 'batchSize must be a whole number from 1 to 10000, got 0'],
  [
    { handlerTimeout: Duration.minutes(6) },
    "the walked handler's timeout must be a whole number of seconds from 1 to 300, got 360 s",
  ],
  [
    { tumblingWindow: Duration.seconds(60) },
    'tumblingWindow is for an event source mapping; this subscription takes shard-walker',
  ],
  [
    { delivery: 'event-source-mapping' },
    'delivery must be shard-walker: the table is in us-east-1, and an event source mapping reads streams of its own region (eu-west-1) only',
  ],
  [
    { startingPosition: lambda.StartingPosition.AT_TIMESTAMP },
    'startingPositionTimestamp must be given with AT_TIMESTAMP',
  ],
] satisfies [Partial<SubscriptionProps>, string][])('fails on %o', (props, message) => {
  expect(() => subscribed(props)).toThrow(message);
});

test.each([
  [{ workers: Lazy.number({ produce: () => 2 }) }, 'workers must be known at synth, got a token'],
  [
    { maxRecordAge: Duration.seconds(Lazy.number({ produce: () => 100 })) },
    'maxRecordAge must be given by Duration.millis where only the deployment knows it, got seconds',
  ],
  [
    {
      startingPosition: lambda.StartingPosition.AT_TIMESTAMP,
      startingPositionTimestamp: new Date('yesterday'),
    },
    'startingPositionTimestamp must be a valid date, got Invalid Date',
  ],
  [
    { deliveryMargin: Duration.minutes(6) },
    'deliveryMargin must be a whole number of seconds from 0 to 300, got 360 s',
  ],
  [
    { delivery: 'lambda' as 'shard-walker' },
    'delivery must be one of event-source-mapping, shard-walker, got "lambda"',
  ],
])('fails on what no schedule can be made of, case %#', (props, message) => {
  expect(() => subscribed(props)).toThrow(message);
});

test('fails when it cannot be told whether the table is in the same region', () => {
  const app = anApp();
  const stack = new Stack(app, 'Anywhere');

  expect(() =>
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(aStack(app, 'Abroad', 'us-east-1'), { tableName: 'orders' })),
      handler: aHandler(stack),
    }),
  ).toThrow("the table's region and the pipeline's cannot be compared: give their stacks an explicit region (env)");
});
