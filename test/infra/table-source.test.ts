import { Duration, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, test } from 'vitest';
import { ChangePipeline, ChangeSource, type SubscriptionProps } from '../../infra/index.ts';
import { aHandler, anApp, aStack, aTable, only, statements } from './an-app.ts';

const { StreamViewType } = dynamodb;
const STREAM = 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/2026-01-31T12:00:00.000';

function subscribe(stack: Stack, source: ChangeSource, props: Partial<SubscriptionProps> = {}, id = 'orders') {
  const pipeline = stack.node.tryFindChild('Changes') as ChangePipeline | undefined;
  const handler = props.handler ?? aHandler(stack, { timeout: Duration.seconds(30) }, `Handler-${id}`);
  return (pipeline ?? new ChangePipeline(stack, 'Changes')).subscribe(id, { source, handler, ...props });
}

const named = (stack: Stack, name = 'orders') => dynamodb.Table.fromTableName(stack, `Imported-${name}`, name);
const byArn = (stack: Stack, arn: string) => dynamodb.TableV2.fromTableArn(stack, 'ByArn', arn);
const requestOf = (stack: Stack): string => JSON.stringify(only(stack, 'AWS::Scheduler::Schedule').Target);

describe('an existing table', () => {
  test('gets its stream from a custom resource, which the mapping waits for', () => {
    const stack = aStack();
    subscribe(stack, ChangeSource.table(named(stack)));

    expect(only(stack, 'Custom::DynamoDBStream')).toMatchObject({
      TableName: 'orders',
      Region: 'eu-west-1',
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      TurnOffOnDelete: 'false',
    });
    Template.fromStack(stack).hasResource('AWS::Lambda::EventSourceMapping', {
      Properties: { EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('orderseuwest1'), 'StreamArn'] } },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('orderseuwest1')]),
    });
  });

  test('is turned on by one function without Step Functions, which may change that table only', () => {
    const stack = aStack();
    subscribe(stack, ChangeSource.table(named(stack)));
    const template = Template.fromStack(stack);

    template.resourceCountIs('AWS::Lambda::Function', 2);
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
    expect(statements(stack, 'MillraceStreamEnabler')).toEqual([
      { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: [expect.anything()] },
      { Action: ['dynamodb:DescribeTable', 'dynamodb:UpdateTable'], Resource: [expect.anything()] },
      { Action: ['dynamodb:DescribeStream'], Resource: [expect.anything()] },
    ]);
    const resources = JSON.stringify(statements(stack, 'MillraceStreamEnabler'));
    expect(resources).toContain(':dynamodb:eu-west-1:111111111111:table/orders"');
    expect(resources).toContain(':dynamodb:eu-west-1:111111111111:table/orders/stream/*"');
  });

  test('in another region is walked, and its stream turned on there', () => {
    const stack = aStack();
    subscribe(stack, ChangeSource.table(byArn(stack, 'arn:aws:dynamodb:us-east-1:111111111111:table/orders')));

    expect(only(stack, 'Custom::DynamoDBStream')).toMatchObject({ TableName: 'orders', Region: 'us-east-1' });
    expect(requestOf(stack)).toContain('\\"tableName\\":\\"orders\\",\\"region\\":\\"us-east-1\\"');
  });

  test('imported by name states its region', () => {
    const stack = aStack();
    subscribe(stack, ChangeSource.table(named(stack), { region: 'us-east-1', enableStream: false }));

    expect(requestOf(stack)).toContain('\\"region\\":\\"us-east-1\\"');
    expect(JSON.stringify(statements(stack, 'ChangesWalkerRole'))).toContain(
      'dynamodb:us-east-1:111111111111:table/orders',
    );
    Template.fromStack(stack).resourceCountIs('Custom::DynamoDBStream', 0);
  });

  test('whose stream the import names is mapped as it is', () => {
    const stack = aStack();
    const table = dynamodb.TableV2.fromTableAttributes(stack, 'T', { tableName: 'orders', tableStreamArn: STREAM });
    subscribe(stack, ChangeSource.table(table));

    expect(only(stack, 'AWS::Lambda::EventSourceMapping').EventSourceArn).toBe(STREAM);
    Template.fromStack(stack).resourceCountIs('Custom::DynamoDBStream', 0);
  });

  test('has one custom resource, whoever follows it, and one function serves all tables of a stack', () => {
    const stack = aStack();
    subscribe(stack, ChangeSource.table(named(stack)), {}, 'a');
    subscribe(stack, ChangeSource.table(dynamodb.Table.fromTableName(stack, 'Again', 'orders')), {}, 'b');
    subscribe(stack, ChangeSource.table(named(stack, 'visits')), {}, 'c');

    Template.fromStack(stack).resourceCountIs('Custom::DynamoDBStream', 2);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 4);
  });

  test('fails when two subscriptions want its stream with two view types', () => {
    const stack = aStack();
    subscribe(stack, ChangeSource.table(named(stack)), {}, 'a');

    expect(() =>
      subscribe(
        stack,
        ChangeSource.table(named(stack, 'orders2'), { streamViewType: StreamViewType.KEYS_ONLY }),
        {},
        'b',
      ),
    ).not.toThrow();
    const again = dynamodb.Table.fromTableName(stack, 'Again', 'orders');
    expect(() =>
      subscribe(stack, ChangeSource.table(again, { streamViewType: StreamViewType.KEYS_ONLY }), {}, 'c'),
    ).toThrow(
      'the stream of orders is asked for with the view types NEW_AND_OLD_IMAGES and KEYS_ONLY: a table has one stream',
    );
  });

  test('has its stream replaced only by name, and with its tail lost on a mapping', () => {
    const stack = aStack();
    const replaceStream = { streamArn: STREAM, tail: 'lost' } as const;
    subscribe(stack, ChangeSource.table(named(stack), { replaceStream, turnOffStreamOnDelete: true }));

    expect(only(stack, 'Custom::DynamoDBStream')).toMatchObject({ ReplaceStream: STREAM, TurnOffOnDelete: 'true' });
  });

  test('fails when a mapping is to drain the old stream, or the walker to lose it', () => {
    const stack = aStack();
    const drained = { replaceStream: { streamArn: STREAM, tail: 'drained' } } as const;
    const lost = { replaceStream: { streamArn: STREAM.replace('orders', 'b'), tail: 'lost' } } as const;

    expect(() => subscribe(stack, ChangeSource.table(named(stack), drained), {}, 'a')).toThrow(
      "replaceStream.tail must be 'lost' on a mapping, which cannot drain the old stream",
    );
    expect(() =>
      subscribe(stack, ChangeSource.table(named(stack, 'b'), lost), { delivery: 'shard-walker' }, 'b'),
    ).toThrow("replaceStream.tail must be 'drained' on the walker");
  });

  test('whose stream the import names is where that stream is', () => {
    const stack = aStack();
    const tableStreamArn = 'arn:aws:dynamodb:us-east-1:111111111111:table/orders/stream/2026-01-31T12:00:00.000';
    const table = dynamodb.Table.fromTableAttributes(stack, 'Abroad', { tableName: 'orders', tableStreamArn });
    const { delivery } = subscribe(stack, ChangeSource.table(table));

    expect(delivery).toBe('shard-walker');
    expect(requestOf(stack)).toContain('us-east-1');
    expect(JSON.stringify(statements(stack, 'ChangesWalkerRole'))).toContain(':us-east-1:111111111111:table/orders');
  });

  const abroad = 'arn:aws:dynamodb:us-east-1:111111111111:table/orders';
  const replaceStream = { streamArn: STREAM, tail: 'lost' } as const;
  const withStream = (stack: Stack, tableStreamArn: string) =>
    dynamodb.Table.fromTableAttributes(stack, 'Attributes', { tableName: 'orders', tableStreamArn });
  test.each<[string, (stack: Stack) => ChangeSource, Partial<SubscriptionProps>, string]>([
    [
      'the region of an ARN is another',
      (stack) => ChangeSource.table(byArn(stack, abroad), { region: 'eu-west-1' }),
      {},
      'region must be left out, or us-east-1 where Stack/ByArn is, got eu-west-1',
    ],
    [
      'the region of a table of the app is another',
      (stack) => ChangeSource.table(aTable(stack), { region: 'us-east-1' }),
      {},
      'region must be left out, or eu-west-1 where Stack/Table is, got us-east-1',
    ],
    [
      'the stream is of another table',
      (stack) => ChangeSource.table(withStream(stack, STREAM.replace('orders', 'others'))),
      {},
      `tableStreamArn must be the ARN of a stream of orders, got ${STREAM.replace('orders', 'others')}`,
    ],
    [
      'the stream is a table',
      (stack) => ChangeSource.table(withStream(stack, 'arn:aws:dynamodb:eu-west-1:111111111111:table/orders')),
      {},
      'tableStreamArn must be the ARN of a stream of orders',
    ],
    [
      'the stream to replace is no stream',
      (stack) => ChangeSource.table(named(stack), { replaceStream: { streamArn: 'old', tail: 'lost' } }),
      {},
      'replaceStream.streamArn must be the ARN of a stream of orders, got old',
    ],
    [
      'a known stream is to be turned off',
      (stack) => ChangeSource.table(withStream(stack, STREAM), { turnOffStreamOnDelete: true }),
      {},
      'turnOffStreamOnDelete must be left out: the stream of this table is not turned on by this stack',
    ],
    [
      'the stream of a table of the app is to be replaced',
      (stack) => ChangeSource.table(aTable(stack, { tableName: 'orders' }), { replaceStream }),
      {},
      "replaceStream must be left out: the stream of a table of the app is turned on by the table's own stack",
    ],
    [
      'a stream that its owner turns on is to be turned off',
      (stack) => ChangeSource.table(named(stack), { enableStream: false, turnOffStreamOnDelete: true }),
      { delivery: 'shard-walker' },
      'turnOffStreamOnDelete must be left out',
    ],
    [
      'a mapping has a reader role',
      (stack) =>
        ChangeSource.table(aTable(stack), {
          readerRole: iam.Role.fromRoleArn(stack, 'Reader', 'arn:aws:iam::111111111111:role/reader'),
        }),
      {},
      "readerRole is for the shard walker: leave it out, or give delivery: 'shard-walker'",
    ],
  ])('fails where %s, instead of ignoring it', (_case, source, props, message) => {
    const stack = aStack();

    expect(() => subscribe(stack, source(stack), props)).toThrow(message);
  });

  test.each([
    [{ turnOffStreamOnDelete: true }, 'turnOffStreamOnDelete must be false, as another subscription to orders has it'],
    [{ replaceStream }, 'replaceStream.streamArn must be left out, as another subscription to orders has it, got arn:'],
  ])('fails when two subscriptions want its stream treated differently: %j', (options, message) => {
    const stack = aStack();
    const table = named(stack);
    subscribe(stack, ChangeSource.table(table), {}, 'one');

    expect(() => subscribe(stack, ChangeSource.table(table, options), {}, 'two')).toThrow(message);
  });

  test('another table is another custom resource, because one cannot move', () => {
    const idOf = (name: string) => {
      const stack = aStack();
      subscribe(stack, ChangeSource.table(named(stack, name)));
      return Object.keys(Template.fromStack(stack).findResources('Custom::DynamoDBStream'));
    };

    expect(idOf('orders')).not.toEqual(idOf('visits'));
  });
});

describe('delivery', () => {
  test('by the walker can be chosen where a mapping would do, and says so', () => {
    const stack = aStack();
    const subscription = subscribe(stack, ChangeSource.table(aTable(stack)), { delivery: 'shard-walker' });

    expect(subscription.delivery).toBe('shard-walker');
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    Annotations.fromStack(stack).hasInfo(
      '*',
      Match.stringLikeRegexp('delivered by shard-walker: the subscription says so'),
    );
  });

  test('fails when a stream gets a third reader, naming the two', () => {
    const stack = aStack();
    const table = aTable(stack);
    subscribe(stack, ChangeSource.table(table), {}, 'a');
    subscribe(stack, ChangeSource.table(table), { delivery: 'shard-walker' }, 'b');

    expect(() => subscribe(stack, ChangeSource.table(table), {}, 'c')).toThrow(
      'a stream has at most 2 readers, and this one has Stack/Changes/Subscriptions/a and Stack/Changes/Subscriptions/b already',
    );
  });

  test('fails when one handler is mapped to one stream twice', () => {
    const stack = aStack();
    const table = aTable(stack);
    const handler = aHandler(stack);
    subscribe(stack, ChangeSource.table(table), { handler }, 'a');

    expect(() => subscribe(stack, ChangeSource.table(table), { handler }, 'b')).toThrow(
      'Stack/Changes/Subscriptions/a maps this stream to this handler already',
    );
  });

  test('tables with the same logical id in two stacks are two streams', () => {
    const app = anApp();
    const stack = aStack(app);
    const sources = ['A', 'B', 'C'].map((id) => ChangeSource.table(aTable(aStack(app, id))));

    expect(() => sources.map((source, index) => subscribe(stack, source, {}, `s${index}`))).not.toThrow();
  });

  test('tables of one name in stages without a region are as many streams', () => {
    const app = anApp();
    const stacks = ['Dev', 'Test', 'Prod'].map((id) => new Stack(new Stage(app, id), 'Stack'));

    for (const stack of stacks) {
      expect(() => subscribe(stack, ChangeSource.table(named(stack)))).not.toThrow();
    }
  });

  test("fails on a handler of another region than the pipeline's", () => {
    const stack = aStack();
    const handler = aHandler(aStack(stack.node.root as never, 'Abroad', 'us-east-1'));

    expect(() => subscribe(stack, ChangeSource.table(aTable(stack)), { handler })).toThrow(
      "handler must be in the pipeline's region eu-west-1, got one in us-east-1",
    );
  });
});

describe('a global table', () => {
  const aGlobalTable = (app = anApp()) =>
    aTable(aStack(app, 'Global', 'us-east-1'), {
      tableName: 'orders',
      replicas: [{ region: 'eu-west-1' }, { region: 'ap-south-1' }],
    });

  test("is mapped in the pipeline's region by the stream that its replica has there", () => {
    const app = anApp();
    const stack = aStack(app);
    subscribe(stack, ChangeSource.replica(aGlobalTable(app), 'eu-west-1'));

    expect(only(stack, 'Custom::DynamoDBStream')).toMatchObject({ TableName: 'orders', Region: 'eu-west-1' });
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  });

  test('is walked where the replica is elsewhere', () => {
    const app = anApp();
    const stack = aStack(app);
    subscribe(stack, ChangeSource.replica(aGlobalTable(app), 'ap-south-1'));

    expect(requestOf(stack)).toContain('\\"region\\":\\"ap-south-1\\"');
    expect(JSON.stringify(statements(stack, 'ChangesWalkerRole'))).toContain(
      'dynamodb:ap-south-1:111111111111:table/orders',
    );
  });

  test('warns of a second reader beside replication', () => {
    const app = anApp();
    const stack = aStack(app);
    const table = aGlobalTable(app);
    subscribe(stack, ChangeSource.replica(table, 'ap-south-1'), {}, 'a');
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('advises one reader'));
    subscribe(stack, ChangeSource.replica(table, 'ap-south-1'), {}, 'b');

    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('AWS advises one reader'));
  });

  test('warns of a second reader of a table with replicas of the older construct', () => {
    const stack = aStack();
    const partitionKey = { name: 'id', type: dynamodb.AttributeType.STRING };
    const table = new dynamodb.Table(stack, 'Table', { partitionKey, replicationRegions: ['us-east-1'] });
    subscribe(stack, ChangeSource.table(table), {}, 'first');
    subscribe(stack, ChangeSource.table(table), {}, 'second');

    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('AWS advises one reader'));
  });

  test('fails for a region that has no replica, once all replicas are there', () => {
    const app = anApp();
    const stack = aStack(app);
    const table = aTable(stack, { tableName: 'orders' });
    subscribe(stack, ChangeSource.replica(table, 'us-east-1'));
    table.addReplica({ region: 'ap-south-1' });

    expect(() => app.synth()).toThrow('Stack/Table has no replica in us-east-1: it has ap-south-1, eu-west-1');
  });

  test('has its stream told by CloudFormation in its own region', () => {
    const stack = aStack();
    const table = aTable(stack, { replicas: [{ region: 'us-east-1' }] });
    subscribe(stack, ChangeSource.replica(table, 'eu-west-1'));

    Template.fromStack(stack).resourceCountIs('Custom::DynamoDBStream', 0);
  });

  test("fails on the replica's construct, whose stream CDK knows as a wildcard only", () => {
    const app = anApp();
    const stack = aStack(app);

    expect(() => subscribe(stack, ChangeSource.table(aGlobalTable(app).replica('eu-west-1')))).toThrow(
      "a replica's stream is not known here: use ChangeSource.replica(globalTable, region)",
    );
  });
});

describe('a table of another account', () => {
  const THEIRS = 'arn:aws:dynamodb:eu-west-1:222222222222:table/orders';
  const theirs = (stack: Stack) =>
    dynamodb.TableV2.fromTableAttributes(stack, 'Theirs', { tableArn: THEIRS, tableStreamArn: `${THEIRS}/stream/x` });

  test('is mapped, and says which policy its stream needs, in a form that needs no role of ours yet', () => {
    const stack = aStack();
    const subscription = subscribe(stack, ChangeSource.table(theirs(stack)));

    expect(stack.resolve(subscription.streamResourcePolicy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'MillraceReadsTheStream',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
          Resource: `${THEIRS}/stream/x`,
          Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/Stack*' } },
        },
      ],
    });
    Template.fromStack(stack).hasOutput('*', { Value: Match.stringLikeRegexp('MillraceReadsTheStream') });
    Annotations.fromStack(stack).hasInfo(
      '*',
      Match.stringLikeRegexp('before this is deployed, the account 222222222222'),
    );
  });

  test("names the handler's role where its name is known", () => {
    const stack = aStack();
    const role = new iam.Role(stack, 'Role', {
      roleName: 'orders',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const handler = aHandler(stack, { role });
    const subscription = subscribe(stack, ChangeSource.table(theirs(stack)), { handler });

    expect(JSON.stringify(stack.resolve(subscription.streamResourcePolicy))).toContain(
      '"aws:PrincipalArn":"arn:aws:iam::111111111111:role/orders"',
    );
  });

  test('fails when its stream is not known, or the walker has no role to assume', () => {
    const stack = aStack();

    expect(() => subscribe(stack, ChangeSource.table(byArn(stack, THEIRS)), {}, 'a')).toThrow(
      "delivery must be shard-walker: the table belongs to the account 222222222222, and its stream's ARN is not known: import it with tableStreamArn",
    );
    expect(() => subscribe(stack, ChangeSource.table(theirs(stack)), { delivery: 'shard-walker' }, 'b')).toThrow(
      'readerRole must be given: the table belongs to the account 222222222222',
    );
  });

  test('of the app comes with a warning, because no export tells its stream', () => {
    const app = anApp();
    const stack = aStack(app);
    const theirs = new Stack(app, 'Theirs', { env: { region: 'eu-west-1', account: '222222222222' } });
    subscribe(stack, ChangeSource.table(aTable(theirs, { tableName: 'orders' })));

    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('fromTableAttributes with tableStreamArn'));
  });

  test('fails when its stream is to be turned on here, where another table may have its name', () => {
    const stack = aStack();
    const readerRole = iam.Role.fromRoleArn(stack, 'Reader', 'arn:aws:iam::222222222222:role/reader');
    const table = byArn(stack, 'arn:aws:dynamodb:us-east-1:222222222222:table/orders');

    expect(() => subscribe(stack, ChangeSource.table(table, { readerRole, enableStream: true }))).toThrow(
      'enableStream must be left out: the table belongs to the account 222222222222',
    );
  });

  test('is walked by assuming a role of theirs, and nothing of the table is granted here', () => {
    const stack = aStack();
    const readerRole = iam.Role.fromRoleArn(stack, 'Reader', 'arn:aws:iam::222222222222:role/reader');
    subscribe(stack, ChangeSource.table(byArn(stack, THEIRS), { readerRole }));

    expect(requestOf(stack)).toContain('\\"roleArn\\":\\"arn:aws:iam::222222222222:role/reader\\"');
    const granted = statements(stack, 'ChangesWalkerRole');
    expect(granted).toContainEqual({
      Action: ['sts:AssumeRole'],
      Resource: ['arn:aws:iam::222222222222:role/reader'],
    });
    expect(JSON.stringify(granted)).not.toContain('table/orders');
    Template.fromStack(stack).resourceCountIs('Custom::DynamoDBStream', 0);
  });
});

describe('keys of the user', () => {
  test("a table's key may be used through DynamoDB by those who read its stream", () => {
    const stack = aStack();
    const key = new kms.Key(stack, 'Key');
    subscribe(
      stack,
      ChangeSource.table(aTable(stack, { encryption: dynamodb.TableEncryptionV2.customerManagedKey(key) })),
    );

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:DescribeKey'],
            Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } },
          }),
        ]),
      },
    });
  });

  test("the pipeline's key encrypts everything that the pipeline keeps", () => {
    const app = anApp();
    const stack = aStack(app);
    const encryptionKey = new kms.Key(stack, 'Key');
    new ChangePipeline(stack, 'Changes', { encryptionKey });
    const filters = [{ eventName: ['INSERT'] }];
    subscribe(stack, ChangeSource.table(aTable(stack)), { filters }, 'mapped');
    const abroad = aTable(aStack(app, 'Abroad', 'us-east-1'), { tableName: 'orders' });
    subscribe(stack, ChangeSource.table(abroad), {}, 'walked');
    const template = Template.fromStack(stack);
    const arn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { KmsKeyArn: arn });
    template.hasResourceProperties('AWS::Scheduler::Schedule', { KmsKeyArn: arn });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: arn });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn } },
        ],
      },
    });
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [Match.objectLike({ SSESpecification: { KMSMasterKeyId: arn } })],
    });
  });

  test('and the retention is of the logs of what turns streams on, too', () => {
    const stack = aStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    new ChangePipeline(stack, 'Changes', { encryptionKey, logRetention: RetentionDays.ONE_DAY });
    subscribe(stack, ChangeSource.table(named(stack)));

    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
      RetentionInDays: 1,
    });
  });

  test('that are imported come with a warning, because their policy is not ours', () => {
    const stack = aStack();
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/of-ours');
    new ChangePipeline(stack, 'Changes', { encryptionKey });
    subscribe(stack, ChangeSource.table(aTable(stack)), { delivery: 'shard-walker' });

    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('let logs.eu-west-1.amazonaws.com use the key'),
    );
  });
});

describe('filters', () => {
  const filtered = (filters: SubscriptionProps['filters'], options = {}) => {
    const stack = aStack();
    subscribe(stack, ChangeSource.table(aTable(stack), options), { filters });
    return only(stack, 'AWS::Lambda::EventSourceMapping').FilterCriteria;
  };

  test('are taken from FilterCriteria or as plain patterns', () => {
    const insert = { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] };

    expect(filtered([lambda.FilterCriteria.filter({ eventName: lambda.FilterRule.isEqual('INSERT') })])).toEqual(
      insert,
    );
    expect(filtered([{ eventName: ['INSERT'] }])).toEqual(insert);
  });

  test.each([
    [
      [lambda.FilterCriteria.filter({ dynamodb: { NewImage: { total: { N: lambda.FilterRule.isEqual(1) } } } })],
      'filters[0].dynamodb.NewImage.total.N can never match {"numeric":["=",1]}: DynamoDB keeps numbers as text',
    ],
    [
      [{ eventName: ['INSERT'] }, { eventName: 'INSERT' }],
      'filters[1].eventName must be a list of alternatives or an object',
    ],
    [[{ pattern: 'INSERT' }], 'filters[0].pattern must be an object as JSON, got INSERT'],
    [[{ pattern: 'null' }], 'filters[0].pattern must be an object as JSON, got null'],
    [[], 'filters must be left out or have at least one filter, got none'],
    [Array.from({ length: 11 }, () => ({ eventName: ['INSERT'] })), 'filters must be at most 10, got 11'],
    [[{ eventID: ['x'.repeat(5_000)] }], 'filters[0] must have at most 4096 characters as JSON, got 5016'],
  ])('fails on %j', (filters, message) => {
    expect(() => filtered(filters)).toThrow(message);
  });

  test('fails when it looks at an image that the stream does not carry', () => {
    const filters = [{ dynamodb: { NewImage: { id: { S: ['x'] } } } }];

    expect(() => filtered(filters, { streamViewType: StreamViewType.KEYS_ONLY })).toThrow(
      'records of a KEYS_ONLY stream do not have it',
    );
  });
});

test('fails when the reserved concurrency is under 2 for each worker', () => {
  const app = anApp();
  const stack = aStack(app);
  new ChangePipeline(stack, 'Changes', { walkerReservedConcurrency: 3 });
  const source = ChangeSource.table(aTable(aStack(app, 'Abroad', 'us-east-1'), { tableName: 'orders' }));

  expect(() => subscribe(stack, source, { workers: 2 })).toThrow(
    'walkerReservedConcurrency must be at least 4, 2 for each of 2 workers, got 3',
  );
});
