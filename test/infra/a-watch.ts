import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { PipelineWatch, type WatchOptions } from '../../infra/pipeline-watch.ts';
import { ShardWalker } from '../../infra/shard-walker.ts';
import { StateTable } from '../../infra/state-table.ts';
import type { WatchedSubscription } from '../../infra/watched-subscription.ts';
import { aHandler, aStack } from './an-app.ts';

/** A mapped subscription, where nothing else is said. */
export const aMapped = (stack: Stack, changes: Partial<WatchedSubscription> = {}): WatchedSubscription => ({
  pipelineName: 'Shop',
  subscriptionName: 'orders',
  delivery: 'event-source-mapping',
  handler: aHandler(stack, {}, 'OrdersHandler'),
  isParking: true,
  mappingId: 'the-mapping',
  written: new cloudwatch.Metric({
    namespace: 'AWS/DynamoDB',
    metricName: 'ConsumedWriteCapacityUnits',
    dimensionsMap: { TableName: 'orders' },
    statistic: 'Sum',
  }),
  isEnabled: true,
  ...changes,
});

/** A walked subscription, where nothing else is said. */
export const aWalked = (stack: Stack, changes: Partial<WatchedSubscription> = {}): WatchedSubscription => ({
  pipelineName: 'Shop',
  subscriptionName: 'orders-abroad',
  delivery: 'shard-walker',
  handler: changes.handler ?? aHandler(stack, {}, 'AbroadHandler'),
  isParking: true,
  isEnabled: true,
  ...changes,
});

/** A stack in which a mapped and a walked subscription are watched. */
export function aWatch(
  options: WatchOptions | ((stack: Stack) => WatchOptions) = {},
  subjects: (stack: Stack) => readonly WatchedSubscription[] = (stack) => [aMapped(stack), aWalked(stack)],
) {
  const stack = aStack();
  const chosen = subjects(stack);
  const isWalked = chosen.some(({ delivery }) => delivery === 'shard-walker');
  const walker = isWalked ? new ShardWalker(stack, 'Walker', { state: new StateTable(stack, 'State') }) : undefined;
  const given = typeof options === 'function' ? options(stack) : options;
  const watch = new PipelineWatch(stack, 'Watch', { pipelineName: 'Shop', walker: () => walker, ...given });
  for (const subject of chosen) watch.add(subject);
  return {
    stack,
    watch,
    /** Synthesizes: what is added later is not in it. */
    get template() {
      return Template.fromStack(stack);
    },
  };
}

/** The alarms of a template, by the ends of their construct paths. */
export const alarmsOf = (template: Template): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  Object.fromEntries(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, resource]) => [
      id.replace(/^Watch(Alarms)?/, '').replace(/[0-9A-F]{8}$/, ''),
      resource.Properties as Readonly<Record<string, unknown>>,
    ]),
  );
