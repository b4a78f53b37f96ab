import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { ChangePipeline, ChangeSource, type SubscriptionProps } from '../../infra/index.ts';
import { aHandler, anApp, aStack, aTable, only, statements } from './an-app.ts';

const MAPPING = 'AWS::Lambda::EventSourceMapping';

function subscribed(
  sourceOf: (stream: kinesis.IStream) => ChangeSource,
  props: Partial<SubscriptionProps> = {},
  streamProps: kinesis.StreamProps = {},
) {
  const stack = aStack();
  const stream = new kinesis.Stream(stack, 'Stream', streamProps);
  const pipeline = new ChangePipeline(stack, 'Changes');
  const handler = aHandler(stack);
  const subscription = pipeline.subscribe('orders', { source: sourceOf(stream), handler, ...props });
  return { stack, stream, pipeline, handler, subscription };
}

/** A stream of another region, as it is imported. */
const abroad = (stack: Stack, name = 'abroad') =>
  kinesis.Stream.fromStreamArn(stack, name, `arn:aws:kinesis:us-east-1:111111111111:stream/${name}`);

/** The requests of a stack's schedules. */
const requests = (stack: Stack) =>
  Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule')).map(({ Properties }) => {
    const { Input } = Properties.Target;
    const text = typeof Input === 'string' ? Input : JSON.stringify(Input['Fn::Join'][1].map(String).join(''));
    return JSON.parse(typeof Input === 'string' ? text : JSON.parse(text).replaceAll('[object Object]', 'token'));
  });

describe('a Kinesis stream in the region of the pipeline', () => {
  test('is read by an event source mapping with the options that one of a table has', () => {
    const { stack, subscription } = subscribed((stream) => ChangeSource.kinesis(stream), { batchSize: 500 });

    expect(subscription.delivery).toBe('event-source-mapping');
    Template.fromStack(stack).hasResourceProperties(MAPPING, {
      EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Stream'), 'Arn'] },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 500,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: Match.absent(),
    });
  });

  test('lets the handler poll it, and nothing more', () => {
    const { stack } = subscribed(
      (stream) => ChangeSource.kinesis(stream),
      {},
      { encryption: kinesis.StreamEncryption.UNENCRYPTED },
    );

    const arn = { 'Fn::GetAtt': [expect.stringMatching(/^Stream/), 'Arn'] };
    const polling = statements(stack, 'ChangesSubscriptionsordersPollerAccess').filter(({ Action }) =>
      Action.some((action) => action.startsWith('kinesis:')),
    );
    expect(polling.flatMap(({ Action }) => Action).sort()).toEqual([
      'kinesis:DescribeStream',
      'kinesis:DescribeStreamSummary',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
    ]);
    for (const { Resource } of polling) expect(Resource).toEqual([arn]);
  });

  test('may be read from a moment on', () => {
    const { stack } = subscribed((stream) => ChangeSource.kinesis(stream), {
      startingPosition: lambda.StartingPosition.AT_TIMESTAMP,
      startingPositionTimestamp: new Date('2026-01-31T12:00:00Z'),
    });

    expect(only(stack, MAPPING)).toMatchObject({
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 1769860800,
    });
  });

  test('is filtered by patterns of changes, which Lambda finds in the data', () => {
    const pattern = { eventName: ['INSERT'], dynamodb: { Keys: { id: { S: [{ prefix: 'o-' }] } } } };
    const { stack } = subscribed((stream) => ChangeSource.kinesis(stream), { filters: [pattern] });

    expect(only(stack, MAPPING)).toMatchObject({
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ data: pattern }) }] },
    });
  });

  test('may be filtered by what its records alone have, and fails for what only those of a table have', () => {
    const { stack } = subscribed((stream) => ChangeSource.kinesis(stream), { filters: [{ tableName: ['orders'] }] });

    Template.fromStack(stack).hasResourceProperties(MAPPING, {
      FilterCriteria: { Filters: [{ Pattern: '{"data":{"tableName":["orders"]}}' }] },
    });
    expect(() =>
      subscribed((stream) => ChangeSource.kinesis(stream), { filters: [{ dynamodb: { SequenceNumber: ['1'] } }] }),
    ).toThrow(/filters\[0\]\.dynamodb\.SequenceNumber can never match "1"/);
  });

  test('is read through a consumer of its own where fan-out is asked for', () => {
    const { stack } = subscribed((stream) => ChangeSource.kinesis(stream, { enhancedFanOut: true }));

    const [consumer] = Object.keys(Template.fromStack(stack).findResources('AWS::Kinesis::StreamConsumer'));
    const arn = { 'Fn::GetAtt': [consumer, 'ConsumerARN'] };
    expect(only(stack, MAPPING).EventSourceArn).toEqual(arn);
    expect(statements(stack, 'ChangesSubscriptionsordersPollerAccess')).toContainEqual({
      Action: ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'],
      Resource: [arn],
    });
  });

  test('is read through a consumer that is given', () => {
    const stack = aStack();
    const arn = 'arn:aws:kinesis:eu-west-1:111111111111:stream/changes/consumer/fast:1';
    const consumer = kinesis.StreamConsumer.fromStreamConsumerArn(stack, 'Consumer', arn);
    const stream = new kinesis.Stream(stack, 'Stream');
    const source = ChangeSource.kinesis(stream, { enhancedFanOut: consumer });

    new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack) });

    expect(only(stack, MAPPING).EventSourceArn).toBe(arn);
    Template.fromStack(stack).resourceCountIs('AWS::Kinesis::StreamConsumer', 0);
  });

  test('under a key lets its readers use the key through Kinesis only', () => {
    const stack = aStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    const stream = new kinesis.Stream(stack, 'Stream', { encryptionKey });
    const source = ChangeSource.kinesis(stream);

    new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack) });

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'kms:Decrypt',
            Condition: { StringEquals: { 'kms:ViaService': 'kinesis.eu-west-1.amazonaws.com' } },
          }),
        ]),
      },
    });
  });

  test('that distributes records by itself fails: the changes of one item would be in no order', () => {
    const stack = aStack();
    const stream = new kinesis.Stream(stack, 'Stream', { streamMode: kinesis.StreamMode.ON_DEMAND });
    (stream.node.defaultChild as kinesis.CfnStream).recordDistributionStrategy = 'AUTO';

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', {
        source: ChangeSource.kinesis(stream),
        handler: aHandler(stack),
      }),
    ).toThrow(
      'Stack/Changes/Subscriptions/orders: the record distribution of Stack/Stream must be USER_PARTITION_KEY, got AUTO: the changes of one item would be in no order',
    );
  });

  test('that is mapped to one handler twice fails', () => {
    const { pipeline, stream, handler } = subscribed((given) => ChangeSource.kinesis(given));

    expect(() => pipeline.subscribe('again', { source: ChangeSource.kinesis(stream), handler })).toThrow(
      /maps this stream to this handler already/,
    );
  });
});

describe('a Kinesis stream in another region', () => {
  test('is walked, and the walker may read it', () => {
    const stack = aStack();
    const source = ChangeSource.kinesis(abroad(stack));

    const subscription = new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source,
      handler: aHandler(stack, { timeout: Duration.seconds(30) }),
    });

    expect(subscription.delivery).toBe('shard-walker');
    expect(requests(stack)[0]?.source).toEqual({
      kind: 'kinesis',
      streamName: 'abroad',
      region: 'us-east-1',
      readers: 1,
    });
    expect(statements(stack, 'ChangesWalkerRole')).toContainEqual({
      Action: ['kinesis:DescribeStreamSummary', 'kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'],
      Resource: ['arn:aws:kinesis:us-east-1:111111111111:stream/abroad'],
    });
  });

  test('has as many readers as the app has subscriptions to it, and others that are told of', () => {
    const stack = aStack();
    const pipeline = new ChangePipeline(stack, 'Changes');
    const source = ChangeSource.kinesis(abroad(stack), { readers: 2 });
    for (const id of ['a', 'b', 'c']) pipeline.subscribe(id, { source, handler: aHandler(stack, {}, `Handler${id}`) });

    expect(requests(stack).map((request) => request.source.readers)).toEqual([5, 5, 5]);
  });

  test('cannot be mapped, nor fanned out, nor bootstrapped', () => {
    const stack = aStack();
    const pipeline = new ChangePipeline(stack, 'Changes');
    const handler = aHandler(stack);
    const stream = abroad(stack);

    expect(() =>
      pipeline.subscribe('a', { source: ChangeSource.kinesis(stream), handler, delivery: 'event-source-mapping' }),
    ).toThrow(/delivery must be shard-walker: the Kinesis stream is in us-east-1/);
    expect(() =>
      pipeline.subscribe('b', { source: ChangeSource.kinesis(stream, { enhancedFanOut: true }), handler }),
    ).toThrow(/enhancedFanOut is for event source mappings/);
    expect(() => pipeline.subscribe('c', { source: ChangeSource.kinesis(stream), handler, bootstrap: true })).toThrow(
      /bootstrap is for tables: this source has no items to scan/,
    );
  });
});

describe('a Kinesis stream of another account', () => {
  const THEIRS = 'arn:aws:kinesis:eu-west-1:222222222222:stream/theirs';
  const subscribe = (
    options: Parameters<typeof ChangeSource.kinesis>[1] = {},
    props: Partial<SubscriptionProps> = {},
  ) => {
    const stack = aStack();
    const stream = kinesis.Stream.fromStreamArn(stack, 'Theirs', THEIRS);
    const source = ChangeSource.kinesis(stream, options);
    const handler = aHandler(stack);
    const subscription = new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler, ...props });
    return { stack, subscription };
  };
  const readerRole = () => iam.Role.fromRoleArn(aStack(), 'Reader', 'arn:aws:iam::222222222222:role/reader');

  test('is mapped, and says which policy it needs, in a form that needs no role of ours yet', () => {
    const { stack, subscription } = subscribe();

    expect(subscription.delivery).toBe('event-source-mapping');
    expect(stack.resolve(subscription.streamResourcePolicy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'MillraceReadsTheStream',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: [
            'kinesis:DescribeStream',
            'kinesis:DescribeStreamSummary',
            'kinesis:GetRecords',
            'kinesis:GetShardIterator',
            'kinesis:ListShards',
          ],
          Resource: THEIRS,
          Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/Stack*' } },
        },
      ],
    });
    Template.fromStack(stack).hasResourceProperties(MAPPING, { EventSourceArn: THEIRS });
    Template.fromStack(stack).hasOutput('*', { Value: Match.stringLikeRegexp('MillraceReadsTheStream') });
  });

  test('is walked by a role of that account where one is given', () => {
    const { stack, subscription } = subscribe({ readerRole: readerRole() });

    expect(subscription.delivery).toBe('shard-walker');
    expect(requests(stack)[0].source).toMatchObject({ roleArn: 'arn:aws:iam::222222222222:role/reader' });
    expect(subscription.streamResourcePolicy).toBeUndefined();
  });

  test('fails where the options contradict the path', () => {
    expect(() => subscribe({}, { delivery: 'shard-walker' })).toThrow(
      /readerRole must be given: the Kinesis stream belongs to the account 222222222222/,
    );
    expect(() => subscribe({ readerRole: readerRole() }, { delivery: 'event-source-mapping' })).toThrow(
      /readerRole is for the shard walker: leave it out, or give delivery: 'shard-walker'/,
    );
    expect(() => subscribe({ enhancedFanOut: true })).toThrow(
      /enhancedFanOut must be left out or false: the Kinesis stream belongs to the account 222222222222/,
    );
  });
});

describe('a table that publishes to a Kinesis stream', () => {
  const FUNCTION = 'AWS::Lambda::Function';

  test('of the app gets its destination in its own template, with microseconds, and only its changes are read', () => {
    const stack = aStack();
    const stream = new kinesis.Stream(stack, 'Stream');
    const table = aTable(stack);
    const source = ChangeSource.table(table, { through: stream });

    new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack) });

    const arn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Stream'), 'Arn'] };
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      StreamSpecification: Match.absent(),
      Replicas: [
        Match.objectLike({
          Region: 'eu-west-1',
          KinesisStreamSpecification: { StreamArn: arn, ApproximateCreationDateTimePrecision: 'MICROSECOND' },
        }),
      ],
    });
    Template.fromStack(stack).hasResourceProperties(MAPPING, {
      EventSourceArn: arn,
      FilterCriteria: {
        Filters: [{ Pattern: { 'Fn::Join': ['', ['{"data":{"tableName":["', Match.anyValue(), '"]}}']] } }],
      },
    });
  });

  test('of the older kind gets it, too, and keeps the one that it has', () => {
    const stack = aStack();
    const stream = new kinesis.Stream(stack, 'Stream');
    const partitionKey = { name: 'id', type: dynamodb.AttributeType.STRING };
    const kinesisPrecisionTimestamp = dynamodb.ApproximateCreationDateTimePrecision.MILLISECOND;
    const fresh = new dynamodb.Table(stack, 'Fresh', { partitionKey });
    const known = new dynamodb.Table(stack, 'Known', {
      partitionKey,
      kinesisStream: stream,
      kinesisPrecisionTimestamp,
    });
    const pipeline = new ChangePipeline(stack, 'Changes');
    for (const [id, table] of Object.entries({ fresh, known })) {
      pipeline.subscribe(id, {
        source: ChangeSource.table(table, { through: stream }),
        handler: aHandler(stack, {}, id),
      });
    }

    const tables = Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'));
    const precisions = tables.map(
      ({ Properties }) => Properties.KinesisStreamSpecification.ApproximateCreationDateTimePrecision,
    );
    expect(precisions).toEqual(['MICROSECOND', 'MILLISECOND']);
    expect(() =>
      pipeline.subscribe('other', {
        source: ChangeSource.table(known, { through: stream, precision: 'MICROSECOND' }),
        handler: aHandler(stack, {}, 'Other'),
      }),
    ).toThrow(/precision must be MILLISECOND as Stack\/Known has it, got MICROSECOND/);
  });

  test('publishes to one stream only', () => {
    const stack = aStack();
    const table = aTable(stack, { kinesisStream: new kinesis.Stream(stack, 'One') });
    const source = ChangeSource.table(table, { through: new kinesis.Stream(stack, 'Other') });
    const handler = aHandler(stack);

    expect(() => new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler })).toThrow(
      /Stack\/Table publishes to another Kinesis stream: a table has one/,
    );
  });

  test('may have several subscriptions, filters of their own among them', () => {
    const stack = aStack();
    const stream = new kinesis.Stream(stack, 'Stream');
    const pipeline = new ChangePipeline(stack, 'Changes');
    const source = ChangeSource.table(aTable(stack), { through: stream });
    const filters = [{ eventName: ['INSERT'] }, { eventName: ['REMOVE'] }];

    pipeline.subscribe('a', { source, handler: aHandler(stack, {}, 'A') });
    pipeline.subscribe('b', { source, handler: aHandler(stack, {}, 'B'), filters });

    const mapped = Object.values(Template.fromStack(stack).findResources(MAPPING));
    expect(mapped.map(({ Properties }) => Properties.FilterCriteria.Filters.length)).toEqual([1, 2]);
  });

  test('is the only table that filters may name, so they name none', () => {
    const stack = aStack();
    const source = ChangeSource.table(aTable(stack), { through: new kinesis.Stream(stack, 'Stream') });
    const filters = [{ tableName: ['other'] }];

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack), filters }),
    ).toThrow(/filters\[0\]\.tableName must be left out: the source is the table .* alone, got \["other"\]/);
  });

  test.each(['precision', 'turnOffDestinationOnDelete'])('fails where two subscriptions differ in %s', (option) => {
    const stack = aStack();
    const through = new kinesis.Stream(stack, 'Stream');
    const table = dynamodb.TableV2.fromTableArn(stack, 'T', 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders');
    const pipeline = new ChangePipeline(stack, 'Changes');
    const options = {
      through,
      ...(option === 'precision' ? { precision: 'MILLISECOND' as const } : { [option]: true }),
    };
    pipeline.subscribe('a', { source: ChangeSource.table(table, { through }), handler: aHandler(stack, {}, 'A') });

    expect(() =>
      pipeline.subscribe('b', { source: ChangeSource.table(table, options), handler: aHandler(stack, {}, 'B') }),
    ).toThrow(new RegExp(`${option} must be .*, as another subscription to orders has it, got`));
  });

  test('that exists already is told to by a custom resource, before the mapping is made', () => {
    const stack = aStack();
    const stream = new kinesis.Stream(stack, 'Stream');
    const table = dynamodb.TableV2.fromTableArn(stack, 'T', 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders');
    const source = ChangeSource.table(table, { through: stream, turnOffDestinationOnDelete: true });

    new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack) });

    const template = Template.fromStack(stack);
    const [[id, resource] = ['', { Properties: {} }]] = Object.entries(
      template.findResources('Custom::DynamoDBKinesisDestination'),
    );
    expect(resource.Properties).toMatchObject({
      TableName: 'orders',
      Region: 'eu-west-1',
      Precision: 'MICROSECOND',
      TurnOffOnDelete: 'true',
    });
    template.hasResource(MAPPING, { DependsOn: Match.arrayWith([id]) });
    expect(statements(stack, 'MillraceDestinationEnablerRole')).toContainEqual({
      Action: [
        'dynamodb:DescribeKinesisStreamingDestination',
        'dynamodb:DisableKinesisStreamingDestination',
        'dynamodb:EnableKinesisStreamingDestination',
        'dynamodb:UpdateKinesisStreamingDestination',
      ],
      Resource: ['arn:aws:dynamodb:eu-west-1:111111111111:table/orders'],
    });
  });

  test('of another owner is left to its owner', () => {
    const stack = aStack();
    const stream = new kinesis.Stream(stack, 'Stream');
    const table = dynamodb.TableV2.fromTableArn(stack, 'T', 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders');
    const source = ChangeSource.table(table, { through: stream, enableDestination: false });

    new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack) });

    Template.fromStack(stack).resourceCountIs('Custom::DynamoDBKinesisDestination', 0);
    Template.fromStack(stack).resourceCountIs(FUNCTION, 1);
  });

  test('publishes to a stream of its own region only', () => {
    const stack = aStack();
    const source = ChangeSource.table(aTable(stack), { through: abroad(stack) });
    const handler = aHandler(stack);

    expect(() => new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler })).toThrow(
      /through must be a stream of the table's region eu-west-1, got one of us-east-1/,
    );
  });

  test('in another region is walked there, and filtered by its name', () => {
    const stack = aStack();
    const table = dynamodb.TableV2.fromTableArn(stack, 'T', 'arn:aws:dynamodb:us-east-1:111111111111:table/orders');
    const source = ChangeSource.table(table, { through: abroad(stack) });

    new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler: aHandler(stack) });

    expect(requests(stack)[0]).toMatchObject({
      source: { kind: 'kinesis', streamName: 'abroad', region: 'us-east-1' },
      filters: [{ tableName: ['orders'] }],
    });
    expect(Template.fromStack(stack).findResources('Custom::DynamoDBKinesisDestination')).not.toEqual({});
  });
});

describe('deduplication', () => {
  test('gives the handler a table, access to it, its name, and how long the stream keeps its records', () => {
    const { stack, pipeline } = subscribed(
      (stream) => ChangeSource.kinesis(stream),
      { deduplicate: true },
      { retentionPeriod: Duration.days(7) },
    );

    const template = Template.fromStack(stack);
    template.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Delete',
      Properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          MILLRACE_DEDUPLICATE_TABLE: Match.anyValue(),
          MILLRACE_STREAM_RETENTION_HOURS: '168',
          MILLRACE_SUBSCRIPTION: 'orders',
        },
      },
    });
    expect(statements(stack, 'ChangesSubscriptionsordersDeduplicateAccess')).toMatchObject([
      { Action: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'] },
    ]);
    expect(pipeline.deduplicateTable).toBeDefined();
  });

  test("is not for a table's own stream", () => {
    const stack = aStack();
    const source = ChangeSource.table(aTable(stack));
    const handler = aHandler(stack);

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler, deduplicate: true }),
    ).toThrow(/deduplicate is for Kinesis streams/);
  });

  test('needs a function of the app', () => {
    const stack = aStack();
    const handler = lambda.Function.fromFunctionArn(
      stack,
      'Theirs',
      'arn:aws:lambda:eu-west-1:111111111111:function:theirs',
    );
    const source = ChangeSource.kinesis(new kinesis.Stream(stack, 'Stream'));

    expect(() =>
      new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler, deduplicate: true }),
    ).toThrow(/deduplicate needs a function of this app/);
  });
});

test('fails for a stream whose account cannot be compared with that of the pipeline, and calls it a stream', () => {
  const stack = new Stack(anApp(), 'Stack', { env: { region: 'eu-west-1' } });
  const source = ChangeSource.kinesis(abroad(stack));
  const handler = aHandler(stack);

  expect(() => new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler })).toThrow(
    "the Kinesis stream's account and the pipeline's cannot be compared: give their stacks an explicit account (env)",
  );
});

test('more subscriptions than a stream has reads for are warned of, unless they fan out', () => {
  const app = anApp();
  const stack = aStack(app);
  const pipeline = new ChangePipeline(stack, 'Changes');
  const stream = new kinesis.Stream(stack, 'Stream');
  const subscribe = (id: string, enhancedFanOut = false) =>
    pipeline.subscribe(id, {
      source: ChangeSource.kinesis(stream, { enhancedFanOut }),
      handler: aHandler(stack, {}, `Handler${id}`),
    });
  for (const id of ['a', 'b', 'c', 'd', 'e']) subscribe(id);
  subscribe('fanned', true);
  const warnings = () => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('share the 5 reads'));
  expect(warnings()).toEqual([]);

  subscribe('f');

  expect(warnings()).toHaveLength(1);
});

test.each([
  ['is kept for a week', { retentionPeriod: Duration.days(7) }, 604_800_000],
  ['is kept as long as streams are by default', {}, 86_400_000],
])('the hours until loss of a mapped stream that %s count from there', (_name, props, retentionMs) => {
  const { stack } = subscribed((stream) => ChangeSource.kinesis(stream), {}, props);

  const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));

  expect(text).toContain(`(${retentionMs} - age) / 3600000`);
});

test("a mapped Kinesis stream's writes are counted as Kinesis counts them", () => {
  const { subscription } = subscribed((stream) => ChangeSource.kinesis(stream));

  expect(subscription.watched.written).toMatchObject({ namespace: 'AWS/Kinesis', metricName: 'IncomingRecords' });
});
