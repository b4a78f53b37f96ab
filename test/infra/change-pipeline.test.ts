import { CfnParameter, Duration, Lazy, Size, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { ChangePipeline, ChangeSource, OnFailure } from '../../infra/index.ts';
import { aHandler, anApp, aStack, aTable, only, statements } from './an-app.ts';

describe('in any app', () => {
  test('one stack per region in a loop works', () => {
    const app = anApp();
    const stacks = ['eu-west-1', 'us-east-1', 'ap-south-1'].map((region) => {
      const stack = aStack(app, `Stack-${region}`, region);
      const source = ChangeSource.table(aTable(stack));
      new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack) });
      return stack;
    });

    for (const stack of stacks) Template.fromStack(stack).resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  });

  test('an app without any region or account works', () => {
    const stack = new Stack(anApp(), 'Anywhere');
    const source = ChangeSource.table(aTable(stack));
    const pipeline = new ChangePipeline(stack, 'Changes');
    pipeline.subscribe('mapped', { source, handler: aHandler(stack, {}, 'A') });
    pipeline.subscribe('walked', { source, handler: aHandler(stack, {}, 'B'), delivery: 'shard-walker' });

    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('several pipelines in one stack have nothing in common but the stream enabler', () => {
    const app = anApp();
    const stack = aStack(app);
    const abroad = aStack(app, 'Abroad', 'us-east-1');
    for (const id of ['One', 'Two']) {
      const pipeline = new ChangePipeline(stack, id);
      pipeline.subscribe('orders', {
        source: ChangeSource.table(aTable(abroad, { tableName: `orders-${id}` }, id)),
        handler: aHandler(stack, {}, `Handler${id}`),
      });
    }
    const groups = Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::ScheduleGroup'));

    Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::GlobalTable', 2);
    expect(new Set(groups.map((group) => group.Properties.Name)).size).toBe(2);
  });

  test('a subscription may be called like a part of the pipeline', () => {
    const stack = aStack();
    const pipeline = new ChangePipeline(stack, 'Changes');

    for (const id of ['Walker', 'State', 'OnFailure', 'Subscriptions']) {
      const source = ChangeSource.table(aTable(stack, {}, `Table${id}`));
      expect(() => pipeline.subscribe(id, { source, handler: aHandler(stack, {}, `Handler${id}`) })).not.toThrow();
    }
  });

  test("tags reach what takes tags, the mapping and the schedules' group too", () => {
    const app = anApp();
    const stack = aStack(app);
    Tags.of(app).add('team', 'orders');
    const pipeline = new ChangePipeline(stack, 'Changes');
    const source = ChangeSource.table(aTable(stack));
    pipeline.subscribe('mapped', { source, handler: aHandler(stack, {}, 'A') });
    pipeline.subscribe('walked', { source, handler: aHandler(stack, {}, 'B'), delivery: 'shard-walker' });
    const template = Template.fromStack(stack);

    for (const type of ['AWS::Lambda::EventSourceMapping', 'AWS::Scheduler::ScheduleGroup', 'AWS::Lambda::Function']) {
      template.hasResourceProperties(type, { Tags: Match.arrayWith([{ Key: 'team', Value: 'orders' }]) });
    }
  });
});

describe('names and sizes', () => {
  test.each([[''], [' '], ['*'], ['a?'], ['a$b'], [':a'], ['Größe'], ['a'.repeat(256)], ['a\n']])(
    'fails on %j as a name: metrics would be dropped, or a permission mean more',
    (name) => {
      const stack = aStack();
      const pipeline = new ChangePipeline(stack, 'Changes');
      const source = ChangeSource.table(aTable(stack));

      expect(() => new ChangePipeline(stack, 'Named', { pipelineName: name })).toThrow(
        'pipelineName must be 1 to 255 ASCII characters without *, ? and $',
      );
      expect(() => pipeline.subscribe(name, { source, handler: aHandler(stack) })).toThrow(
        "a subscription's id must be 1 to 255 ASCII characters without *, ? and $",
      );
    },
  );

  test('a second pipeline of one name in one region and account comes with a warning', () => {
    const app = anApp();
    const [stack, abroad] = [aStack(app), aStack(app, 'Abroad', 'us-east-1')];
    for (const scope of [stack, abroad]) new ChangePipeline(scope, 'One', { pipelineName: 'orders' });
    new ChangePipeline(stack, 'Two', { pipelineName: 'orders' });

    Annotations.fromStack(stack).hasWarning('/Stack/Two', Match.stringLikeRegexp('is that of Stack/One, too'));
    Annotations.fromStack(abroad).hasNoWarning('*', Match.anyValue());
  });

  test.each([
    [{ walkerMemorySize: Size.mebibytes(100) }, 'walkerMemorySize in MiB must be a whole number from 128 to 10240'],
    [{ walkerReservedConcurrency: 2.5 }, 'walkerReservedConcurrency must be a whole number from 2 to 1000000, got 2.5'],
  ])('fails on a walker that Lambda would refuse, case %#', (props, message) => {
    expect(() => new ChangePipeline(aStack(), 'Changes', props)).toThrow(message);
  });
});

describe('every parameter of a mapping', () => {
  test('has the name and the value that AWS gives it', () => {
    const stack = aStack();
    const filterEncryption = new kms.Key(stack, 'Key');
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      startingPosition: lambda.StartingPosition.LATEST,
      batchSize: 10_000,
      maxBatchingWindow: Duration.seconds(300),
      parallelizationFactor: 10,
      bisectBatchOnError: false,
      retryAttempts: 0,
      maxRecordAge: Duration.seconds(60),
      reportBatchItemFailures: false,
      tumblingWindow: Duration.minutes(15),
      filters: [{ eventName: ['INSERT'] }],
      filterEncryption,
      enabled: false,
      metricsConfig: { metrics: [] },
      logLevel: lambda.EventSourceMappingLogLevel.WARN,
    });

    expect(only(stack, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      StartingPosition: 'LATEST',
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds: 300,
      ParallelizationFactor: 10,
      BisectBatchOnFunctionError: false,
      MaximumRetryAttempts: 0,
      MaximumRecordAgeInSeconds: 60,
      TumblingWindowInSeconds: 900,
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      KmsKeyArn: { 'Fn::GetAtt': [expect.stringContaining('Key'), 'Arn'] },
      Enabled: false,
      LoggingConfig: { SystemLogLevel: 'WARN' },
    });
    expect(only(stack, 'AWS::Lambda::EventSourceMapping')).not.toHaveProperty('FunctionResponseTypes');
  });

  test('may be known at the deployment only', () => {
    const stack = aStack();
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      batchSize: number,
      maxBatchingWindow: Duration.seconds(number),
      parallelizationFactor: number,
      retryAttempts: number,
      maxRecordAge: Duration.seconds(number),
      tumblingWindow: Duration.seconds(number),
    });
    const later = { Ref: 'Number' };

    expect(only(stack, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      BatchSize: later,
      MaximumBatchingWindowInSeconds: later,
      ParallelizationFactor: later,
      MaximumRetryAttempts: later,
      MaximumRecordAgeInSeconds: later,
      TumblingWindowInSeconds: later,
    });
  });

  test('of the log level comes with a warning, because AWS documents it for Kafka only', () => {
    const stack = aStack();
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      logLevel: lambda.EventSourceMappingLogLevel.INFO,
    });

    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('logLevel: AWS documents'));
  });

  test('of an age that outlasts the stream comes with a warning, because nothing is given up then', () => {
    const stack = aStack();
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      maxRecordAge: Duration.minutes(25 * 60 + 30),
    });

    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('maxRecordAge of 25.5 hours'));
  });

  test('of more filters than the quota of Lambda comes with a warning', () => {
    const stack = aStack();
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      filters: Array.from({ length: 6 }, () => ({ eventName: ['INSERT'] })),
    });

    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('6 filters are more than the 5'));
  });

  test.each([
    [
      { metricsConfig: { metrics: [lambda.MetricType.KAFKA_METRICS] } },
      'metricsConfig must be EventCount or nothing: the others are for Kafka, got KafkaMetrics',
    ],
    [{ run: Lazy.number({ produce: () => 1 }) }, 'run must be known at synth, got a token'],
  ])('fails where Lambda would refuse it, case %#', (props, message) => {
    const stack = aStack();
    const source = ChangeSource.table(aTable(stack));

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack), ...props }),
    ).toThrow(message);
  });

  test('fails on a key for filters where there are none', () => {
    const stack = aStack();

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', {
        source: ChangeSource.table(aTable(stack)),
        handler: aHandler(stack),
        filterEncryption: new kms.Key(stack, 'Key'),
      }),
    ).toThrow('filterEncryption needs filters, and there are none');
  });

  test('the version or alias of an imported ARN is what is invoked', () => {
    const stack = aStack();
    const functionArn = 'arn:aws:lambda:eu-west-1:111111111111:function:orders:live';
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: lambda.Function.fromFunctionArn(stack, 'Imported', functionArn),
    });

    expect(only(stack, 'AWS::Lambda::EventSourceMapping')).toMatchObject({ FunctionName: functionArn });
  });

  test('fails on a handler of another account, which no mapping invokes', () => {
    const stack = aStack();
    const arn = 'arn:aws:lambda:eu-west-1:222222222222:function:orders';

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', {
        source: ChangeSource.table(aTable(stack)),
        handler: lambda.Function.fromFunctionArn(stack, 'Imported', arn),
      }),
    ).toThrow("handler must be of the pipeline's account 111111111111, got one of 222222222222");
  });

  test.each([
    ['queue', (stack: Stack) => OnFailure.sqs(new sqs.Queue(stack, 'To')), ['sqs:SendMessage']],
    ['topic', (stack: Stack) => OnFailure.sns(new sns.Topic(stack, 'To')), ['sns:Publish']],
    [
      'queue with a key',
      (stack: Stack) => OnFailure.sqs(new sqs.Queue(stack, 'To', { encryptionMasterKey: new kms.Key(stack, 'Key') })),
      ['sqs:SendMessage', 'kms:Decrypt', 'kms:GenerateDataKey'],
    ],
  ] as const)('a %s can take what was given up, with what that needs and no more', (_kind, destination, actions) => {
    const stack = aStack();
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      onFailure: destination(stack),
    });

    expect(only(stack, 'AWS::Lambda::EventSourceMapping').DestinationConfig).toEqual({
      OnFailure: { Destination: expect.anything() },
    });
    const granted = statements(stack, 'ChangesSubscriptionsorders').flatMap((one) => one.Action);
    expect(granted.filter((action) => !action.startsWith('dynamodb:'))).toEqual(actions);
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('fails on a FIFO destination, which Lambda refuses', () => {
    const stack = aStack();
    const onFailure = OnFailure.sqs(new sqs.Queue(stack, 'To', { fifo: true }));

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', {
        source: ChangeSource.table(aTable(stack)),
        handler: aHandler(stack),
        onFailure,
      }),
    ).toThrow('onFailure: a FIFO queue cannot be an on-failure destination: give a standard queue');
  });

  test('fails on a destination in another region', () => {
    const app = anApp();
    const stack = aStack(app);
    const abroad = new sqs.Queue(aStack(app, 'Abroad', 'us-east-1'), 'To', { queueName: 'given-up' });

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', {
        source: ChangeSource.table(aTable(stack)),
        handler: aHandler(stack),
        onFailure: OnFailure.sqs(abroad),
      }),
    ).toThrow("onFailure must be in the pipeline's region eu-west-1, got one in us-east-1");
  });

  test('the bucket of the pipeline refuses what is not encrypted on its way', () => {
    const stack = aStack();
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
    });

    expect(JSON.stringify(only(stack, 'AWS::S3::BucketPolicy'))).toContain('"aws:SecureTransport":"false"');
    expect(only(stack, 'AWS::S3::Bucket').PublicAccessBlockConfiguration).toMatchObject({ BlockPublicAcls: true });
  });

  test('a handler whose role is not known is granted nothing, and the warning says what it needs', () => {
    const stack = aStack();
    const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:orders';
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: lambda.Function.fromFunctionArn(stack, 'Imported', arn),
    });

    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('it needs dynamodb:DescribeStream.*s3:PutObject'),
    );
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });
});

describe("the handler's environment", () => {
  const environmentOf = (stack: Stack) =>
    (only(stack, 'AWS::Lambda::Function').Environment as { Variables: object }).Variables;

  test('says which subscription its metrics belong to, and which run its changes come after', () => {
    const stack = aStack();
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack).currentVersion,
      run: 3,
    });

    expect(environmentOf(stack)).toEqual({
      MILLRACE_PIPELINE: 'Stack/Changes',
      MILLRACE_SUBSCRIPTION: 'orders',
      MILLRACE_RUN: '3',
    });
  });

  test('joins the names where one handler serves several subscriptions', () => {
    const stack = aStack();
    const handler = aHandler(stack);
    const pipeline = new ChangePipeline(stack, 'Changes');
    pipeline.subscribe('a', { source: ChangeSource.table(aTable(stack, {}, 'A')), handler });
    pipeline.subscribe('b', { source: ChangeSource.table(aTable(stack, {}, 'B')), handler });

    expect(environmentOf(stack)).toEqual({ MILLRACE_PIPELINE: 'Stack/Changes', MILLRACE_SUBSCRIPTION: 'a+b' });
  });

  test('fails when one handler is to have two runs', () => {
    const stack = aStack();
    const handler = aHandler(stack);
    const pipeline = new ChangePipeline(stack, 'Changes');
    pipeline.subscribe('a', { source: ChangeSource.table(aTable(stack, {}, 'A')), handler });

    expect(() =>
      pipeline.subscribe('b', { source: ChangeSource.table(aTable(stack, {}, 'B')), handler, run: 2 }),
    ).toThrow('run must be 0 as for a, which has the same handler, got 2');
  });
});
