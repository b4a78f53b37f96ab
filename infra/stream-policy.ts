import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * The resource policy that lets Lambda poll another account's stream for a handler of ours.
 *
 * It can be attached before the handler's role exists, which the mapping needs: its principal is our whole account, and
 * a condition narrows it to the role's ARN, or to how CloudFormation will begin its name.
 */
export function streamResourcePolicy(
  subscription: IConstruct,
  streamArn: string,
  role: iam.IRole | undefined,
): iam.PolicyDocument {
  const { account, partition } = Stack.of(subscription);
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        sid: 'MillraceReadsTheStream',
        principals: [new iam.ArnPrincipal(`arn:${partition}:iam::${account}:root`)],
        actions: [...(streamArn.includes(':kinesis:') ? KINESIS_ACTIONS : DYNAMODB_ACTIONS)],
        resources: [streamArn],
        conditions: { ArnLike: { 'aws:PrincipalArn': roleArnPattern(subscription, role) } },
      }),
    ],
  });
}

const DYNAMODB_ACTIONS = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
/** docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html */
const KINESIS_ACTIONS = ['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'].map(
  (action) => `kinesis:${action}`,
);

function roleArnPattern(subscription: IConstruct, role: iam.IRole | undefined): string {
  const { account, partition, stackName } = Stack.of(role ?? subscription);
  if (role !== undefined && !Token.isUnresolved(role.roleArn)) return role.roleArn;
  const resource = role?.node.defaultChild;
  const isRole = resource !== undefined && CfnResource.isCfnResource(resource) && 'roleName' in resource;
  const { roleName, path = '/' } = (isRole ? resource : {}) as iam.CfnRole;
  const prefix = `arn:${partition}:iam::${account}:role`;
  if (roleName !== undefined && !Token.isUnresolved(roleName)) return `${prefix}${path}${roleName}`;
  // CloudFormation begins a role's name with its stack's, which it may cut when the two are long.
  return `${prefix}/${stackName.slice(0, 20)}*`;
}
