import { Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import { ChangePipeline, type ChangePipelineProps, ChangeSource, OnFailure } from '../../infra/index.ts';
import { aHandler, aStack, aTable } from './an-app.ts';

/** A pipeline with a mapped and a walked subscription. */
function aPipeline(props: ChangePipelineProps = {}) {
  const stack = aStack();
  const pipeline = new ChangePipeline(stack, 'Changes', { pipelineName: 'Shop', ...props });
  const queue = new sqs.Queue(stack, 'Failed');
  const mapped = pipeline.subscribe('orders', {
    source: ChangeSource.table(aTable(stack)),
    handler: aHandler(stack, {}, 'Mapped'),
    onFailure: OnFailure.sqs(queue),
  });
  const abroad = dynamodb.TableV2.fromTableName(stack, 'Abroad', 'orders');
  const walked = pipeline.subscribe('orders-abroad', {
    source: ChangeSource.table(abroad, { region: 'us-east-1' }),
    handler: aHandler(stack, { timeout: Duration.minutes(1) }, 'Walked'),
  });
  return { stack, pipeline, mapped, walked };
}

const alarm = (stack: Stack, id: string) => {
  const found = Object.entries(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  return found.find(([name]) => name.startsWith(`ChangesWatchAlarms${id}`))?.[1].Properties;
};

test('a pipeline is watched from its first subscription on: a dashboard, alarms on both paths, three queries', () => {
  const { stack, pipeline } = aPipeline();
  const template = Template.fromStack(stack);

  template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  template.resourceCountIs('AWS::Logs::QueryDefinition', 3);
  template.resourceCountIs('AWS::CloudWatch::Alarm', pipeline.watch.alarms.length);
  expect(pipeline.watch.alarms.length).toBe(13);
});

test('whether a mapping reads nothing is asked of the table that its stream belongs to', () => {
  const { stack } = aPipeline();

  expect(JSON.stringify(alarm(stack, 'ordersReadsNothing')?.Metrics)).toContain(
    '"Name":"TableName","Value":{"Fn::Select":[1,{"Fn::Split":["/",{"Fn::GetAtt":["Table',
  );
});

test('the depth of an on-failure queue is asked of that queue', () => {
  const { stack } = aPipeline();

  const arn = { 'Fn::GetAtt': [expect.stringContaining('Failed'), 'Arn'] };
  expect(alarm(stack, 'ordersGivenUp')).toMatchObject({
    Namespace: 'AWS/SQS',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::Select': [5, { 'Fn::Split': [':', arn] }] } }],
  });
});

test("a mapping's metrics are Lambda's and a walked subscription's are Millrace's, under the same names", () => {
  const { stack, mapped, walked } = aPipeline();
  const nameOf = (metric: { toMetricConfig(): { metricStat?: { metricName: string } } }) =>
    metric.toMetricConfig().metricStat?.metricName;
  const both = (name: 'metricLag' | 'metricRecordsRead' | 'metricRecordsFailed' | 'metricRecordsGivenUp') => [
    nameOf(mapped[name]()),
    nameOf(walked[name]()),
  ];

  expect(both('metricLag')).toEqual(['IteratorAge', 'LagMilliseconds']);
  expect(both('metricRecordsRead')).toEqual(['PolledEventCount', 'RecordsRead']);
  expect(both('metricRecordsFailed')).toEqual(['FailedInvokeEventCount', 'RecordsFailed']);
  expect(both('metricRecordsGivenUp')).toEqual(['OnFailureDestinationDeliveredEventCount', 'RecordsGivenUp']);
  expect(stack.resolve(mapped.metricRecordsRead().toMetricConfig().metricStat?.dimensions)).toEqual([
    { name: 'EventSourceMappingUUID', value: { Ref: expect.stringContaining('Mapping') } },
  ]);
});

test('a metric is looked at as the caller likes', () => {
  const { mapped, walked } = aPipeline();
  const view = { period: Duration.minutes(5), statistic: 'Average', label: 'ours' };

  expect(walked.metricLag(view)).toMatchObject({ period: view.period, statistic: 'Average', label: 'ours' });
  expect(mapped.metricHoursUntilLoss(view)).toMatchObject({ period: view.period, label: 'ours' });
  expect(walked.metric('StateWrites')).toMatchObject({ statistic: 'Sum', metricName: 'StateWrites' });
});

test("the walker's own metrics are there where there is a walker", () => {
  const { pipeline } = aPipeline();
  const none = new ChangePipeline(aStack(), 'None');

  expect(pipeline.metricWalkerErrors()?.metricName).toBe('Errors');
  expect(pipeline.metricWalkerDuration()?.metricName).toBe('Duration');
  expect(pipeline.metricWalkerThrottles()?.metricName).toBe('Throttles');
  expect(none.metricWalkerErrors()).toBeUndefined();
});

test.each([
  [true, { Mode: 'Active' }],
  [undefined, undefined],
])('walks are traced by option only: %s', (tracing, config) => {
  const { stack } = aPipeline({ ...(tracing && { tracing }) });
  const walker = Object.entries(Template.fromStack(stack).findResources('AWS::Lambda::Function')).find(([id]) =>
    id.startsWith('ChangesWalkerFunction'),
  );

  expect(walker?.[1].Properties.TracingConfig).toEqual(config);
});
