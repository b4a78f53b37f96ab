import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { MillraceStack, OtherRegionStack } from '../../infra/example-stacks.ts';
import { anApp } from './an-app.ts';

const templates = () => {
  const app = anApp();
  const abroad = new OtherRegionStack(app, 'MillraceOrdersAbroad', { env: { region: 'us-east-1' } });
  const main = new MillraceStack(app, 'Millrace', { env: { region: 'eu-west-1' }, abroad: abroad.table });
  return { abroad: Template.fromStack(abroad), main: Template.fromStack(main) };
};

test('the app follows one table of each kind with one handler', () => {
  const { main, abroad } = templates();

  main.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  main.resourceCountIs('AWS::Scheduler::Schedule', 1);
  abroad.resourceCountIs('AWS::DynamoDB::GlobalTable', 1);
});

test('no statement is for every resource, and every wildcard is one of those that AWS leaves no choice about', () => {
  const { main } = templates();
  const resources = Object.values(main.findResources('AWS::IAM::Policy'))
    .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
    .flatMap((statement) => [statement.Resource].flat())
    .map((resource) => JSON.stringify(resource));

  expect(resources).not.toContain('"*"');
  expect(resources.filter((resource) => resource.includes('*'))).toEqual([
    expect.stringContaining('/stream/*'),
    expect.stringContaining('/aws/lambda/*'),
    expect.stringContaining(':table/millrace-orders-abroad/stream/*'),
    expect.stringContaining('/millrace/Millrace/Changes/orders-abroad/*'),
  ]);
});

test('every log has a retention, and every function a log of its own', () => {
  const { main } = templates();
  const functions = Object.values(main.findResources('AWS::Lambda::Function'));
  const logs = Object.values(main.findResources('AWS::Logs::LogGroup'));

  expect(functions.every((one) => one.Properties.LoggingConfig?.LogGroup !== undefined)).toBe(true);
  expect(logs.every((one) => one.Properties.RetentionInDays > 0)).toBe(true);
});
