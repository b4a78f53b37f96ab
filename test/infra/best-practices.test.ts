import { App, Duration, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { MillraceStack, OtherRegionStack } from '../../infra/example-stacks.ts';
import { ChangeSource } from '../../infra/index.ts';
import flags from '../../node_modules/aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { aHandler } from './an-app.ts';

/** What AWS Solutions' rules find in the app, and why it is as it is. */
const FINDINGS_WITH_REASONS: Readonly<Record<string, string>> = {
  'Millrace/Orders/ServiceRole/Resource IAM4 AWSLambdaBasicExecutionRole':
    'CDK gives it to every function without a role of its own; it allows writing logs only.',
  'Millrace/Handler/ServiceRole/Resource IAM4 AWSLambdaBasicExecutionRole':
    'The same, for the handler that only this test adds.',
  'Millrace/Changes/Subscriptions/orders/PollerAccess/Resource IAM5 /stream/*':
    'dynamodb:ListStreams takes no narrower resource than all streams of one table.',
  'Millrace/Changes/Subscriptions/orders/PollerAccess/Resource IAM5 /aws/lambda/*':
    "Lambda chooses the objects' names below that prefix.",
  'Millrace/Changes/Walker/Role/DefaultPolicy/Resource IAM5 table/millrace-orders-abroad/stream/*':
    'Each life of a stream has an ARN of its own, and the walker reads the one there is.',
  'Millrace/Changes/Walker/Role/DefaultPolicy/Resource IAM5 /orders-abroad/*':
    "The walker names the objects by shard and time below the subscription's prefix.",
  'Millrace/Changes/Subscriptions/existing/PollerAccess/Resource IAM5 table/existing/stream/*':
    'dynamodb:ListStreams takes no narrower resource than all streams of one table.',
  'Millrace/Changes/Subscriptions/existing/PollerAccess/Resource IAM5 /aws/lambda/*':
    "Lambda chooses the objects' names below that prefix.",
  'Millrace/MillraceStreamEnabler/Role/DefaultPolicy/Resource IAM5 table/existing/stream/*':
    'The ARN of a stream that is about to be turned on is not known before.',
  ...Object.fromEntries(
    ['Published', 'FannedOut', 'Abroad'].map((name) => [
      `Millrace/${name}Handler/ServiceRole/Resource IAM4 AWSLambdaBasicExecutionRole`,
      'The same, for handlers that only this test adds.',
    ]),
  ),
  'Millrace/Changes/Subscriptions/published/PollerAccess/Resource IAM5 /aws/lambda/*':
    "Lambda chooses the objects' names below that prefix.",
  'Millrace/Changes/Subscriptions/fanned-out/PollerAccess/Resource IAM5 /aws/lambda/*':
    "Lambda chooses the objects' names below that prefix.",
  'Millrace/Changes/Walker/Role/DefaultPolicy/Resource IAM5 /streamed-abroad/*':
    "The walker names the objects by shard and time below the subscription's prefix.",
  'Millrace/TablesHandler/ServiceRole/Resource IAM4 AWSLambdaBasicExecutionRole':
    'The same, for a handler that only this test adds.',
  'Millrace/Changes/Walker/Role/DefaultPolicy/Resource IAM5 *':
    'dynamodb:ListTables takes no resource; it is allowed in the regions of the pattern only.',
  'Millrace/Changes/Walker/Role/DefaultPolicy/Resource IAM5 table/prod-*':
    'Which tables will match is not known before: the permission reaches as far as the pattern does.',
  'Millrace/Changes/Walker/Role/DefaultPolicy/Resource IAM5 table/prod-*/stream/*':
    'The same, for the streams of these tables.',
  'Millrace/Changes/Walker/Role/DefaultPolicy/Resource IAM5 /tenants/*':
    "The walker names the objects by shard and time below the subscription's prefix.",
  'Millrace/Changes/OnFailure/Resource S1':
    'Only Lambda writes here, and rarely; access logs would need a second bucket. CloudTrail data events tell the same.',
};

function anAppOfEverything(props: ConstructorParameters<typeof App>[0] = {}): App {
  const app = new App({ context: { ...flags, 'aws:cdk:bundling-stacks': [] }, ...props });
  const abroad = new OtherRegionStack(app, 'MillraceOrdersAbroad', { env: { region: 'us-east-1' } });
  const main = new MillraceStack(app, 'Millrace', { env: { region: 'eu-west-1' }, abroad: abroad.table });
  main.pipeline.subscribe('existing', {
    source: ChangeSource.table(dynamodb.Table.fromTableName(main, 'Existing', 'existing')),
    handler: aHandler(main),
    parking: { redriveEvery: Duration.hours(1) },
  });
  followKinesis(main);
  main.pipeline.subscribe('tenants', {
    source: ChangeSource.tables({ include: ['prod-*'], startStreams: true }),
    handler: aHandler(main, {}, 'TablesHandler'),
  });
  return app;
}

/** Kinesis streams as every source that there is of them. */
function followKinesis({ pipeline }: MillraceStack): void {
  const scope = Stack.of(pipeline);
  const stream = new kinesis.Stream(scope, 'Stream', { encryption: kinesis.StreamEncryption.MANAGED });
  const published = dynamodb.Table.fromTableName(scope, 'Published', 'published');
  const abroad = `arn:aws:kinesis:us-east-1:${scope.account}:stream/abroad`;
  pipeline.subscribe('published', {
    source: ChangeSource.table(published, { through: stream }),
    handler: aHandler(scope, {}, 'PublishedHandler'),
    deduplicate: true,
  });
  pipeline.subscribe('fanned-out', {
    source: ChangeSource.kinesis(stream, { enhancedFanOut: true }),
    handler: aHandler(scope, {}, 'FannedOutHandler'),
  });
  pipeline.subscribe('streamed-abroad', {
    source: ChangeSource.kinesis(kinesis.Stream.fromStreamArn(scope, 'Abroad', abroad)),
    handler: aHandler(scope, {}, 'AbroadHandler'),
  });
}

/** A finding without what changes from one deployment to another. */
function findingOf(ruleName: string, constructPath: string): string {
  const [, rule = ruleName, detail = ''] = /^AwsSolutions-(\w+)(?:\[(.*)\])?$/.exec(ruleName) ?? [];
  const [narrowed = ''] =
    /(table\/[\w-]+\*?)?\/stream\/\*$|table\/prod-\*$|::\*$|\/aws\/lambda\/\*$|AWSLambdaBasicExecutionRole$|\/(tenants|(orders|streamed)-abroad)\/\*$/.exec(
      detail,
    ) ?? [];
  return `${constructPath} ${rule} ${narrowed.replace('::', '')}`.trim();
}

test("nothing that AWS Solutions' rules find is without a written reason, and no reason without a finding", () => {
  const app = anAppOfEverything({ builtinCloudFormationValidation: false });

  const { violations } = new AwsSolutionsChecks(app).validateScope(app);

  const findings = violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map((resource) =>
      findingOf(ruleName, resource.constructPath ?? resource.resourceLogicalId ?? ''),
    ),
  );
  expect([...new Set(findings)].sort()).toEqual(Object.keys(FINDINGS_WITH_REASONS).sort());
});

/** The validator is compiled once a process, and checks every file of the assembly. */
const SLOW = { timeout: 120_000 };

test("CloudFormation's own validation, as errors, has nothing against the app", SLOW, () => {
  const app = anAppOfEverything();

  expect(flags['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  expect(() => app.synth()).not.toThrow();
});

test('that validation is on: it refuses what CloudFormation would', SLOW, () => {
  const app = anAppOfEverything();
  const stack = app.node.findChild('Millrace');
  const mapping = stack.node.findAll().find((one) => one.node.id === 'Mapping')?.node.defaultChild;
  (mapping as unknown as { batchSize: number }).batchSize = 20_000;

  expect(() => app.synth()).toThrow(/BatchSize/);
});
