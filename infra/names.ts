import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';

/**
 * Fails on a name that metrics cannot bear, or that means more than itself in a permission.
 *
 * CloudWatch drops a metric with a dimension that is longer than 255 characters, not ASCII, blank, or begins with a
 * colon; a policy's resource reads `*`, `?` and `$` as patterns and variables.
 */
export function checkName(scope: IConstruct, what: string, name: string): void {
  if (Token.isUnresolved(name) || (NAME.test(name) && name.trim() !== '')) return;
  refuse(
    scope,
    `${what} must be 1 to 255 ASCII characters without *, ? and $, and not begin with a colon, got ${JSON.stringify(name)}`,
  );
}

const NAME = /^(?!:)[\x20-\x23\x25-\x29\x2b-\x3e\x40-\x7e]{1,255}$/;

const pipelinesOfApp = new WeakMap<IConstruct, Map<string, string>>();

/** Warns of a second pipeline of one name in one region and account: their metrics, and so their alarms, would mix. */
export function warnOfNamesake(pipeline: IConstruct, name: string): void {
  const stack = Stack.of(pipeline);
  const { account, region } = stack;
  // A stack without a place of its own may be deployed anywhere.
  const place = Token.isUnresolved(account) || Token.isUnresolved(region) ? stack.node.path : `${account} ${region}`;
  const key = JSON.stringify([place, stack.resolve(name)]);
  const pipelines = pipelinesOfApp.get(pipeline.node.root) ?? new Map<string, string>();
  pipelinesOfApp.set(pipeline.node.root, pipelines);
  const namesake = pipelines.get(key);
  pipelines.set(key, pipeline.node.path);
  if (namesake === undefined) return;
  Annotations.of(pipeline).addWarningV2(
    'millrace:pipeline-name',
    `pipelineName is that of ${namesake}, too, in the same region and account: their metrics and alarms mix`,
  );
}
