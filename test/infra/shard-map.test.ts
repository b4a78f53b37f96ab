import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { expect, test } from 'vitest';
import { ShardMapFunction } from '../../infra/shard-map.ts';
import { StateTable } from '../../infra/state-table.ts';
import { aStack, statements } from './an-app.ts';

test('the function that draws shards may query the state table and write its log, and nothing else', () => {
  const stack = aStack();
  new ShardMapFunction(stack, 'ShardMap', { state: new StateTable(stack, 'State') });

  expect(statements(stack, 'ShardMapRole').flatMap(({ Action }) => Action)).toEqual([
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'dynamodb:Query',
  ]);
});

test('with a key of its owner, it may also decrypt what DynamoDB keeps with it', () => {
  const stack = aStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  new ShardMapFunction(stack, 'ShardMap', { state: new StateTable(stack, 'State', { encryptionKey }), encryptionKey });

  expect(statements(stack, 'ShardMapRole').flatMap(({ Action }) => Action)).toContain('kms:Decrypt');
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 'kms:Decrypt',
          Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } },
        }),
      ]),
    },
  });
});
