import { CfnResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { functionOf } from './handler-timeout.ts';

/**
 * The log of a function, by name: the one it was given, or the one that Lambda makes for it.
 *
 * Not `function.logGroup`: where CDK made no log group itself, asking for it adds a custom resource.
 */
export function logGroupNameOf(handler: lambda.IFunction): string {
  const target = functionOf(handler);
  const resource = target.node.defaultChild;
  const isOurs =
    CfnResource.isCfnResource(resource ?? {}) &&
    (resource as CfnResource).cfnResourceType === lambda.CfnFunction.CFN_RESOURCE_TYPE_NAME;
  const given = isOurs ? (resource as lambda.CfnFunction).loggingConfig : undefined;
  const name = given !== undefined && 'logGroup' in given ? given.logGroup : undefined;
  return name ?? `/aws/lambda/${target.functionName}`;
}
