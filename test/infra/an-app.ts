import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import flags from '../../node_modules/aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

/** An app with all recommended flags that bundles nothing and leaves CloudFormation's own validation to one test. */
export const anApp = (context: Record<string, unknown> = {}): App =>
  new App({
    context: { ...flags, 'aws:cdk:bundling-stacks': [], ...context },
    builtinCloudFormationValidation: false,
  });

export const aStack = (app = anApp(), id = 'Stack', region = 'eu-west-1'): Stack =>
  new Stack(app, id, { env: { region, account: '111111111111' } });

export const aTable = (scope: Construct, props: Partial<dynamodb.TablePropsV2> = {}, id = 'Table'): dynamodb.TableV2 =>
  new dynamodb.TableV2(scope, id, { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING }, ...props });

export const aHandler = (
  scope: Construct,
  props: Partial<lambda.FunctionProps> = {},
  id = 'Handler',
): lambda.Function =>
  new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
    ...props,
  });

/** The properties of the only resource of a type. */
export function only(stack: Stack, type: string): Record<string, unknown> {
  const found = Object.values(Template.fromStack(stack).findResources(type));
  if (found.length !== 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return found[0]?.Properties as Record<string, unknown>;
}

/** The statements of every policy in a stack whose logical id begins with a prefix. */
export function statements(stack: Stack, prefix: string): { Action: string[]; Resource: unknown[] }[] {
  const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');
  return Object.entries(policies)
    .filter(([id]) => id.startsWith(prefix))
    .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement)
    .map((statement) => ({ Action: [statement.Action].flat(), Resource: [statement.Resource].flat() }));
}
