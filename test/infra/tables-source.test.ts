import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import { ChangePipeline, ChangeSource, type SubscriptionProps, type TablesSourceOptions } from '../../infra/index.ts';
import { OWN_TABLE_TAG } from '../../shared/core/table-pattern.ts';
import { aHandler, aStack, only, statements } from './an-app.ts';

/** A pipeline with one subscription for tables that match. */
function subscribed(options: Partial<TablesSourceOptions> = {}, more: Partial<SubscriptionProps> = {}): Stack {
  const stack = aStack();
  const source = ChangeSource.tables({ include: ['prod-*'], ...options });
  new ChangePipeline(stack, 'Changes').subscribe('tenants', { source, handler: aHandler(stack), ...more });
  return stack;
}

/** The source in the schedule's input. */
function sourceOf(stack: Stack): unknown {
  const { Input } = (only(stack, 'AWS::Scheduler::Schedule').Target ?? {}) as { readonly Input: object };
  const [, source] = /\\?"source\\?":(\{.*?\}),\\?"handler/.exec(JSON.stringify(Input).replaceAll('\\"', '"')) ?? [];
  return JSON.parse(source ?? 'null');
}

/** What the walker may do with the tables of its pattern. */
const granted = (stack: Stack) =>
  statements(stack, 'ChangesWalkerRole')
    .map(({ Action, Resource }) => ({ Action, on: JSON.stringify(Resource) }))
    .filter(({ Action, on }) => Action.includes('dynamodb:ListTables') || on.includes('prod-'));

describe('a subscription for all tables that match', () => {
  test('takes the walker, and says why', () => {
    Annotations.fromStack(subscribed()).hasInfo(
      '/Stack/Changes/Subscriptions/tenants',
      Match.stringLikeRegexp('delivered by shard-walker: the tables are found at run time'),
    );
  });

  test('tells the walker what to look for', () => {
    const stack = subscribed({
      exclude: ['prod-tmp-*'],
      tags: { cdc: 'on' },
      regions: ['eu-west-1', 'us-east-1'],
      startStreams: true,
      streamViewType: StreamViewType.NEW_IMAGE,
    });

    expect(sourceOf(stack)).toEqual({
      kind: 'tables',
      include: ['prod-*'],
      exclude: ['prod-tmp-*'],
      tags: { cdc: 'on' },
      regions: ['eu-west-1', 'us-east-1'],
      streams: 'enable',
      viewType: 'NEW_IMAGE',
    });
  });

  test("looks in the pipeline's region, for streams that are on, unless told otherwise", () => {
    expect(sourceOf(subscribed())).toEqual({
      kind: 'tables',
      include: ['prod-*'],
      regions: ['eu-west-1'],
      streams: 'expect',
    });
  });

  test('may read tables of such names alone, in the regions given alone', () => {
    const found = granted(subscribed({ regions: ['eu-west-1', 'us-east-1'] }));

    expect(found.map(({ Action }) => Action)).toEqual([
      ['dynamodb:ListTables'],
      ['dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource'],
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    ]);
    for (const { on } of found.slice(1)) {
      expect(on).toContain(':dynamodb:eu-west-1:111111111111:table/prod-*');
      expect(on).toContain(':dynamodb:us-east-1:111111111111:table/prod-*');
    }
    const lists = { Action: 'dynamodb:ListTables', Resource: '*', Effect: 'Allow' };
    const regions = { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } };
    Template.fromStack(subscribed({ regions: ['eu-west-1', 'us-east-1'] })).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([{ ...lists, Condition: regions }]) },
    });
  });

  test('may turn streams on, and scan, only where that is asked for', () => {
    const actions = (stack: Stack) => granted(stack).flatMap(({ Action }) => Action);

    expect(actions(subscribed())).not.toContain('dynamodb:UpdateTable');
    expect(actions(subscribed({ startStreams: true }))).toContain('dynamodb:UpdateTable');
    expect(actions(subscribed())).not.toContain('dynamodb:Scan');
    expect(actions(subscribed({}, { bootstrap: true }))).toContain('dynamodb:Scan');
  });

  test('may use the keys of its tables through DynamoDB', () => {
    const stack = aStack();
    const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/a');
    const source = ChangeSource.tables({ include: ['prod-*'], encryptionKeys: [key] });
    new ChangePipeline(stack, 'Changes').subscribe('tenants', { source, handler: aHandler(stack) });

    const used = statements(stack, 'ChangesWalkerRole').filter(({ Action }) => Action.includes('kms:Decrypt'));
    expect(used).toEqual([{ Action: ['kms:Decrypt', 'kms:DescribeKey'], Resource: [key.keyArn] }]);
  });

  test('of another account assumes the role, and may do nothing else with tables', () => {
    const stack = aStack();
    const readerRole = iam.Role.fromRoleArn(stack, 'Reader', 'arn:aws:iam::222222222222:role/reader');
    const source = ChangeSource.tables({ include: ['prod-*'], readerRole });
    new ChangePipeline(stack, 'Changes').subscribe('tenants', { source, handler: aHandler(stack), bootstrap: true });

    expect(granted(stack)).toEqual([]);
    expect(sourceOf(stack)).toMatchObject({ roleArn: 'arn:aws:iam::222222222222:role/reader' });
  });

  test.each([
    [{ include: [] }, 'source.include must be a list of at least one glob, got []'],
    [{ include: ['prod/*'] }, 'source.include.0 must be a glob of a table name'],
    [{ regions: [] }, 'source.regions must be a list of at least one AWS region, got []'],
    [{ regions: ['eu-west-1', 'eu-west-1'] }, 'regions must differ, got eu-west-1, eu-west-1'],
  ])('fails on %j', (options, message) => {
    expect(() => subscribed(options)).toThrow(message);
  });

  test('fails as a mapping', () => {
    expect(() => subscribed({}, { delivery: 'event-source-mapping' })).toThrow(
      'delivery must be shard-walker: the tables are found at run time',
    );
  });

  test('finds no table of a pipeline: each bears a tag that no pattern lets in', () => {
    const stack = subscribed({}, { parking: true });

    const tables = Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::GlobalTable'));
    const tags = tables.map(({ Properties }) => JSON.stringify(Properties.Replicas[0].Tags ?? Properties.Tags));
    expect(tags).toHaveLength(2);
    for (const one of tags) expect(one).toContain(OWN_TABLE_TAG);
  });
});
