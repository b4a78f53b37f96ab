import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import { allow } from './statement.ts';

/** The CloudFormation resource behind a stream of the app; none behind an imported one. */
export function streamResource(stream: kinesis.IStream): kinesis.CfnStream | undefined {
  const child = stream.node.defaultChild;
  const isStream = CfnResource.isCfnResource(child ?? {}) && (child as CfnResource).cfnResourceType === TYPE;
  return isStream ? (child as kinesis.CfnStream) : undefined;
}

const TYPE = kinesis.CfnStream.CFN_RESOURCE_TYPE_NAME;

/** Fails for a stream that spreads the changes of one item over its shards, as far as that is known here. */
export function refuseAutoDistribution(subscription: IConstruct, stream: kinesis.IStream): void {
  if (streamResource(stream)?.recordDistributionStrategy !== 'AUTO') return;
  refuse(
    subscription,
    `the record distribution of ${stream.node.path} must be USER_PARTITION_KEY, got AUTO: the changes of one item would be in no order`,
  );
}

/** CloudFormation's default. */
const DEFAULT_RETENTION_HOURS = 24;

/** How long a stream keeps its records; undefined where that is not known here. */
export function retentionHoursOf(stream: kinesis.IStream): number | undefined {
  const resource = streamResource(stream);
  if (resource === undefined) return undefined;
  const hours: unknown = Stack.of(resource).resolve(resource.retentionPeriodHours) ?? DEFAULT_RETENTION_HOURS;
  return typeof hours === 'number' && !Token.isUnresolved(hours) ? hours : undefined;
}

/** What reads a stream through its shared five reads a second and shard. */
export function readStatements(stream: kinesis.IStream, region: string): iam.PolicyStatement[] {
  const actions = ['DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'];
  return [
    allow(
      actions.map((action) => `kinesis:${action}`),
      [stream.streamArn],
    ),
    ...keyUse(stream, region),
  ];
}

/** What Lambda's poller needs besides: it describes the stream, and subscribes to a consumer of it. */
export function pollStatements(stream: kinesis.IStream, consumerArn: string | undefined): iam.PolicyStatement[] {
  const described = allow(['kinesis:DescribeStream'], [stream.streamArn]);
  if (consumerArn === undefined) return [described];
  return [described, allow(['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'], [consumerArn])];
}

/** A stream under a key of its owner's is readable by those who may use the key through Kinesis. */
function keyUse({ encryptionKey }: kinesis.IStream, region: string): iam.PolicyStatement[] {
  if (encryptionKey === undefined) return [];
  const through = { StringEquals: { 'kms:ViaService': `kinesis.${region}.amazonaws.com` } };
  return [allow(['kms:Decrypt'], [encryptionKey.keyArn], through)];
}
