import { CfnResource, Duration, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';

/** What Lambda takes where a function does not say. */
const LAMBDA_DEFAULT = Duration.seconds(3);

/** A handler's timeout, through its version or alias, as far as its construct can tell. */
export function handlerTimeout(scope: IConstruct, handler: lambda.IFunction, stated: Duration | undefined): Duration {
  if (stated !== undefined) return stated;
  const resource = functionOf(handler).node.defaultChild;
  if (!CfnResource.isCfnResource(resource ?? {}) || !isFunction(resource as CfnResource)) {
    return refuse(
      scope,
      `handlerTimeout must be given: the timeout of the imported ${handler.node.path} is not known here`,
    );
  }
  const { timeout } = resource as lambda.CfnFunction;
  if (timeout !== undefined && Token.isUnresolved(timeout)) {
    return refuse(
      scope,
      `handlerTimeout must be given: the timeout of ${handler.node.path} is known at the deployment only`,
    );
  }
  return timeout === undefined ? LAMBDA_DEFAULT : Duration.seconds(timeout);
}

/** The function behind a version or an alias. */
export const functionOf = (handler: lambda.IFunction): lambda.IFunction =>
  'lambda' in handler ? functionOf(handler.lambda as lambda.IFunction) : handler;

const isFunction = (resource: CfnResource): boolean =>
  resource.cfnResourceType === lambda.CfnFunction.CFN_RESOURCE_TYPE_NAME;
