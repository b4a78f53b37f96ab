import { CfnResource, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';

/** A table of the app, as CloudFormation has it. */
export type TableResource = dynamodb.CfnTable | dynamodb.CfnGlobalTable;

/** Turns the stream of a table of the app on, or takes the one it has; returns what its records carry. */
export function turnOnStream(
  resource: TableResource,
  subscription: IConstruct,
  wanted: dynamodb.StreamViewType | undefined,
): dynamodb.StreamViewType {
  // TableV2 decides lazily, because replicas added later need a stream.
  const current = Stack.of(resource).resolve(resource.streamSpecification) as
    | { readonly streamViewType?: dynamodb.StreamViewType }
    | undefined;
  const viewType = wanted ?? current?.streamViewType ?? dynamodb.StreamViewType.NEW_AND_OLD_IMAGES;
  if (current?.streamViewType === undefined) {
    resource.streamSpecification = { ...current, streamViewType: viewType };
  } else if (current.streamViewType !== viewType) {
    refuse(
      subscription,
      `the stream of ${resource.node.scope?.node.path} has the view type ${current.streamViewType}, and ${viewType} was asked for: a stream's view type cannot be changed`,
    );
  }
  return viewType;
}

/** The CloudFormation resource behind a table of the app; none behind an imported table. */
export function tableResource(table: dynamodb.ITable): TableResource | undefined {
  const child = table.node.defaultChild;
  if (child === undefined || !CfnResource.isCfnResource(child)) return undefined;
  switch (child.cfnResourceType) {
    case dynamodb.CfnTable.CFN_RESOURCE_TYPE_NAME:
      return child as dynamodb.CfnTable;
    case dynamodb.CfnGlobalTable.CFN_RESOURCE_TYPE_NAME:
      return child as dynamodb.CfnGlobalTable;
    default:
      return undefined;
  }
}

/**
 * The ARN of the stream of a table of the app; a strong import where the table is another stack's.
 *
 * With weak references (aws-cdk's default for new apps) a change set cannot know the ARN, and plans to replace the
 * mapping, which Lambda refuses because the function already has one for the stream (aws-cdk #38829).
 */
export function streamArnOf(resource: TableResource, subscription: IConstruct): string {
  const producer = topmostStack(resource);
  const consumer = topmostStack(subscription);
  if (producer === consumer || producer.account !== consumer.account) return resource.attrStreamArn;
  consumer.addStackDependency(producer, 'the stream of its table');
  return producer.exportValue(resource.attrStreamArn);
}

/** The stack that is deployed with a construct: a nested one is a part of its parent. */
export function topmostStack(scope: IConstruct): Stack {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? topmostStack(stack.nestedStackParent) : stack;
}
