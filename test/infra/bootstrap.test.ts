import { Duration } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { ChangePipeline, ChangeSource, type SubscriptionProps } from '../../infra/index.ts';
import { parseWalkRequest, type WalkRequest } from '../../shared/request.ts';
import { aHandler, aStack, aTable, only, statements } from './an-app.ts';

function aWalk(props: Partial<SubscriptionProps>) {
  const stack = aStack();
  new ChangePipeline(stack, 'Changes').subscribe('orders', {
    source: ChangeSource.table(aTable(stack, { tableName: 'orders' })),
    handler: aHandler(stack),
    delivery: 'shard-walker',
    ...props,
  });
  return stack;
}

/** What the walker reads of a schedule's input, with every reference in it replaced by a word. */
function requestOf(props: Partial<SubscriptionProps>): WalkRequest {
  const { Target } = only(aWalk(props), 'AWS::Scheduler::Schedule') as { readonly Target: { readonly Input: unknown } };
  const input = Target.Input as { readonly 'Fn::Join': readonly [string, readonly unknown[]] };
  const parts = input['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'reference'));
  return parseWalkRequest(JSON.parse(parts.join('')));
}

const granted = (props: Partial<SubscriptionProps>): readonly string[] =>
  statements(aWalk(props), 'ChangesWalkerRole').flatMap(({ Action }) => Action);

describe('bootstrap', () => {
  test('hands over every item first, from the present on, and gaps with it', () => {
    const request = requestOf({ bootstrap: true });

    expect(request.bootstrap).toEqual({ sliceMs: 3_600_000, consistentRead: true });
    expect(request.start).toEqual({ at: 'latest' });
    expect(request.deliver).toEqual(['gap', 'snapshot']);
  });

  test('passes its options on', () => {
    const bootstrap = {
      segments: 8,
      slice: Duration.minutes(30),
      readUnitsPerSecond: 500,
      consistentRead: false,
    };

    expect(requestOf({ bootstrap }).bootstrap).toEqual({
      segments: 8,
      sliceMs: 1_800_000,
      readUnitsPerSecond: 500,
      consistentRead: false,
    });
  });

  test('takes filters of which one lets an insert pass', () => {
    const filters = [{ eventName: ['REMOVE'] }, { eventName: [{ prefix: 'INS' }] }];

    expect(requestOf({ bootstrap: true, filters }).filters).toEqual(filters);
  });

  test('begins its changes where it is told to', () => {
    const startingPosition = lambda.StartingPosition.TRIM_HORIZON;

    expect(requestOf({ bootstrap: true, startingPosition }).start).toEqual({ at: 'trim-horizon' });
    expect(requestOf({ startingPosition }).start).toEqual({ at: 'trim-horizon' });
  });

  test('lets the walker scan, and without it nothing does', () => {
    expect(granted({ bootstrap: true })).toContain('dynamodb:Scan');
    expect(granted({})).not.toContain('dynamodb:Scan');
  });

  test('takes the items from an export, of which the walker may read the folder, and nothing else', () => {
    const manifest = 'exports/AWSDynamoDB/01769860819000-a1b2c3d4/manifest-summary.json';
    const stack = aStack();
    const bucket = new s3.Bucket(stack, 'Exports', { encryptionKey: new kms.Key(stack, 'Key') });
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(aTable(stack, { tableName: 'orders' })),
      handler: aHandler(stack),
      delivery: 'shard-walker',
      bootstrap: { export: { bucket, manifest } },
    });

    const role = statements(stack, 'ChangesWalkerRole');
    const reading = role.filter(({ Action }) => JSON.stringify(Action).includes('s3:Get'));

    expect(reading).toHaveLength(1);
    expect(reading[0]).toMatchObject({ Action: ['s3:GetObject'] });
    expect(JSON.stringify(reading[0]?.Resource)).toContain('/exports/AWSDynamoDB/01769860819000-a1b2c3d4/*"');
    expect(role.filter(({ Action }) => JSON.stringify(Action) === '["kms:Decrypt"]')).toHaveLength(1);
    expect(JSON.stringify(only(stack, 'AWS::Scheduler::Schedule'))).toContain(`manifest\\":\\"${manifest}`);
    expect(granted({ bootstrap: true })).not.toContain('s3:GetObject');
  });

  test("leaves the scan of another account's table to that account's role", () => {
    const stack = aStack();
    const table = dynamodb.TableV2.fromTableArn(
      stack,
      'Theirs',
      'arn:aws:dynamodb:eu-west-1:222222222222:table/orders',
    );
    const readerRole = iam.Role.fromRoleArn(stack, 'Reader', 'arn:aws:iam::222222222222:role/reader');
    new ChangePipeline(stack, 'Changes').subscribe('orders', {
      source: ChangeSource.table(table, { readerRole }),
      handler: aHandler(stack),
      bootstrap: true,
    });

    const actions = statements(stack, 'ChangesWalkerRole').flatMap(({ Action }) => Action);
    expect(actions).not.toContain('dynamodb:Scan');
  });

  test.each([
    [
      { delivery: 'event-source-mapping' },
      "bootstrap is for the shard walker; this subscription takes event-source-mapping: give delivery: 'shard-walker'",
    ],
    [{ deliver: ['gap'] }, 'deliver must have snapshot with bootstrap, got ["gap"]'],
    [
      { filters: [{ eventName: ['MODIFY', 'REMOVE'] }] },
      'filters must let an INSERT pass with bootstrap, or no item would be handed over, got [{"eventName":["MODIFY","REMOVE"]}]',
    ],
    [{ bootstrap: { segments: 0 } }, 'bootstrap.segments must be a whole number from 1 to 10000, got 0'],
    [
      { bootstrap: { slice: Duration.hours(13) } },
      'bootstrap.slice must be a whole number of seconds from 1 to 43200, got 46800 s',
    ],
    [
      { bootstrap: { readUnitsPerSecond: 0.5 } },
      'bootstrap.readUnitsPerSecond must be a whole number from 1 to 10000000, got 0.5',
    ],
    [
      { bootstrap: { export: { bucket: {} as s3.IBucket, manifest: 'exports/manifest-summary.json' } } },
      'bootstrap.export.manifest must be the key of an export\'s manifest, [prefix/]AWSDynamoDB/<export>/manifest-summary.json, got "exports/manifest-summary.json"',
    ],
  ] as const)('fails for %o', (props, message) => {
    expect(() => aWalk({ bootstrap: true, ...props })).toThrow(message);
  });
});
