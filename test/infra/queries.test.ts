import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { expect, test } from 'vitest';
import { logGroupNameOf } from '../../infra/log-group-name.ts';
import { aMapped, aWatch } from './a-watch.ts';
import { aHandler, aStack } from './an-app.ts';

const queriesOf = (template: Template) =>
  Object.values(template.findResources('AWS::Logs::QueryDefinition')).map(({ Properties }) => Properties);

test('three questions are saved under the name of the pipeline', () => {
  expect(
    queriesOf(aWatch().template)
      .map(({ Name }) => Name)
      .sort(),
  ).toEqual([
    "Millrace/Shop/a record's history",
    'Millrace/Shop/errors by item',
    'Millrace/Shop/slowest subscriptions',
  ]);
});

test('a record is looked for in the logs of the walker and of every handler', () => {
  const history = queriesOf(aWatch().template).find(({ Name }) => Name.endsWith('history'));

  const inLambdasOwn = (handler: string) => ({
    'Fn::Join': ['', ['/aws/lambda/', { Ref: expect.stringContaining(handler) }]],
  });
  expect(history.LogGroupNames).toEqual([
    { Ref: expect.stringContaining('WalkerLogs') },
    inLambdasOwn('OrdersHandler'),
    inLambdasOwn('AbroadHandler'),
  ]);
});

test('without a walker nobody asks for its log', () => {
  const queries = queriesOf(aWatch({}, (stack) => [aMapped(stack)]).template);

  expect(queries.map(({ Name, LogGroupNames }) => [Name, LogGroupNames.length]).sort()).toEqual([
    ["Millrace/Shop/a record's history", 1],
    ['Millrace/Shop/errors by item', 1],
  ]);
});

test('a handler logs where it was told to, through an alias too; else where Lambda lets it', () => {
  const stack = aStack();
  const given = aHandler(stack, { logGroup: new logs.LogGroup(stack, 'Logs') }, 'Given');
  const alias = new lambda.Alias(stack, 'Alias', { aliasName: 'live', version: given.currentVersion });
  const imported = lambda.Function.fromFunctionName(stack, 'Imported', 'theirs');

  expect(stack.resolve(logGroupNameOf(given))).toEqual({ Ref: expect.stringContaining('Logs') });
  expect(stack.resolve(logGroupNameOf(alias))).toEqual(stack.resolve(logGroupNameOf(given)));
  expect(logGroupNameOf(imported)).toBe('/aws/lambda/theirs');
  Template.fromStack(stack).resourceCountIs('Custom::LogRetention', 0);
});
