import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { ChangePipeline, ChangeSource } from '../../infra/index.ts';
import { PARKING_TABLE_ACTIONS } from '../../shared/core/parking.ts';
import { redriveEvent } from '../../shared/core/redrive-event.ts';
import { aHandler, anApp, aStack, aTable, only, statements } from './an-app.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';

function aParkingPipeline(parking: true | { readonly redriveEvery?: Duration } = true) {
  const stack = aStack();
  const pipeline = new ChangePipeline(stack, 'Changes');
  const handler = aHandler(stack);
  const source = ChangeSource.table(aTable(stack));
  const subscription = pipeline.subscribe('orders', { source, handler, parking });
  return { stack, pipeline, handler, source, subscription };
}

describe('the parking table', () => {
  test('is protected, backed up and kept, and forgets nothing by itself', () => {
    const { stack } = aParkingPipeline();

    Template.fromStack(stack).hasResource(TABLE, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        TimeToLiveSpecification: Match.absent(),
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          }),
        ],
      },
    });
  });

  test('is one for all subscriptions of a pipeline, and is there only where one parks', () => {
    const { stack, pipeline } = aParkingPipeline();
    const more = ChangeSource.table(aTable(stack, {}, 'More'));
    pipeline.subscribe('more', { source: more, handler: aHandler(stack, {}, 'B'), parking: true });
    const without = new ChangePipeline(stack, 'Without');
    without.subscribe('more', { source: more, handler: aHandler(stack, {}, 'C') });

    // The sources' two and the parking table.
    Template.fromStack(stack).resourceCountIs(TABLE, 3);
    expect(without.parkingTable).toBeUndefined();
  });

  test('goes with the stack where that is asked for, and is under the key that is given', () => {
    const stack = aStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    const pipeline = new ChangePipeline(stack, 'Changes', { encryptionKey, removalPolicy: RemovalPolicy.DESTROY });
    pipeline.subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: aHandler(stack),
      parking: { redriveEvery: Duration.hours(1) },
    });

    Template.fromStack(stack).hasResource(TABLE, {
      DeletionPolicy: 'Delete',
      Properties: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS' } },
    });
    expect(statements(stack, 'ChangesSubscriptionsordersParkingAccess').flatMap(({ Action }) => Action)).toContain(
      'kms:Decrypt',
    );
    expect(only(stack, 'AWS::Scheduler::Schedule')).toHaveProperty('KmsKeyArn');
  });
});

describe('a handler that parks', () => {
  test('is told the table and whose parked changes they are, and may use it before the first change comes', () => {
    const { stack, pipeline } = aParkingPipeline();
    const tableId = stack.getLogicalId(pipeline.parkingTable?.table.node.defaultChild as never);
    const [mapping] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::EventSourceMapping'));

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { MILLRACE_PARKING_TABLE: { Ref: tableId }, MILLRACE_SUBSCRIPTION: 'orders' } },
    });
    expect(statements(stack, 'ChangesSubscriptionsordersParkingAccess')).toEqual([
      { Action: [...PARKING_TABLE_ACTIONS].sort(), Resource: [{ 'Fn::GetAtt': [tableId, 'Arn'] }] },
    ]);
    expect(mapping?.DependsOn).toContainEqual(expect.stringMatching(/^ChangesSubscriptionsordersParkingAccess/));
  });

  test('is the function behind an alias', () => {
    const stack = aStack();
    const handler = aHandler(stack);
    const alias = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: handler.currentVersion });
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler: alias,
      parking: { redriveEvery: Duration.minutes(5) },
    });

    expect(only(stack, 'AWS::Lambda::Function').Environment).toHaveProperty('Variables.MILLRACE_PARKING_TABLE');
    const { Target } = only(stack, 'AWS::Scheduler::Schedule') as { readonly Target: { readonly Arn: unknown } };
    expect(stack.resolve(alias.functionArn)).toEqual(Target.Arn);
  });

  test('fails where the function is imported: neither its environment nor its role is ours', () => {
    const stack = aStack();
    const handler = lambda.Function.fromFunctionName(stack, 'Imported', 'imported');
    const source = ChangeSource.table(aTable(stack));

    expect(() => new ChangePipeline(stack, 'Changes').subscribe('orders', { source, handler, parking: true })).toThrow(
      /orders: parking needs a function of this app/,
    );
  });

  test.each([
    ['the first', true, undefined],
    ['the second', undefined, true],
  ] as const)('fails where it serves two subscriptions, and %s parks', (_which, first, second) => {
    const stack = aStack();
    const pipeline = new ChangePipeline(stack, 'Changes');
    const handler = aHandler(stack);
    const subscribe = (id: string, parking: true | undefined) =>
      pipeline.subscribe(id, {
        source: ChangeSource.table(aTable(stack, {}, `Table-${id}`)),
        handler,
        ...(parking && { parking }),
      });
    subscribe('orders', first);

    expect(() => subscribe('visits', second)).toThrow(
      first
        ? /parking needs a handler of its own: that of orders serves visits, too/
        : /parking needs a handler of its own: that of visits serves orders, too/,
    );
  });
});

describe('a redrive', () => {
  test('comes by itself only where that is asked for', () => {
    const { stack } = aParkingPipeline();

    Template.fromStack(stack).resourceCountIs('AWS::Scheduler::Schedule', 0);
  });

  test('is an event to the same function, which Scheduler does not repeat', () => {
    const { stack, handler } = aParkingPipeline({ redriveEvery: Duration.minutes(15) });
    const schedule = only(stack, 'AWS::Scheduler::Schedule') as {
      readonly ScheduleExpression: string;
      readonly Target: { readonly Arn: unknown; readonly Input: string; readonly RetryPolicy: object };
    };

    expect(schedule.ScheduleExpression).toBe('rate(15 minutes)');
    expect(JSON.parse(schedule.Target.Input)).toEqual(redriveEvent());
    expect(schedule.Target.Arn).toEqual(stack.resolve(handler.functionArn));
    expect(schedule.Target.RetryPolicy).toMatchObject({ MaximumRetryAttempts: 0 });
  });

  test.each([
    [Duration.seconds(30), 'parking.redriveEvery in minutes must be a whole number from 1 to 10080, got 0.5'],
    [Duration.days(8), 'parking.redriveEvery in minutes must be a whole number from 1 to 10080, got 11520'],
  ])('fails for %s', (redriveEvery, message) => {
    expect(() => aParkingPipeline({ redriveEvery })).toThrow(message);
  });
});

test('fails on a handler of another stack, which each of the two would have to be deployed before', () => {
  const app = anApp();
  const stack = aStack(app);
  const handler = aHandler(aStack(app, 'Functions'));

  expect(() =>
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack)),
      handler,
      parking: true,
    }),
  ).toThrow("parking needs a handler of the pipeline's stack Stack, got one of Functions");
});
