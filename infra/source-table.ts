import { CfnResource, type CustomResource, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import { allow } from './statement.ts';
import { StreamEnabler } from './stream-enabler.ts';
import type { TablePlace } from './table-place.ts';
import type { TableResource } from './table-stream.ts';

/** Which stream may be turned off for one of another view type, and what becomes of what is still unread in it. */
export interface StreamReplacement {
  /** The ARN of the stream to be replaced. Once it is, this option does nothing more. */
  readonly streamArn: string;
  /**
   * - `lost`: a mapping leaves the old stream at once, and what it had not read is lost. Only for mappings.
   * - `drained`: the walker reads the old stream to its end first. Only for the walker.
   */
  readonly tail: 'lost' | 'drained';
}

export interface TableSourceOptions {
  /**
   * What the stream's records carry.
   * @default - what the stream of a table of the app has already, or else NEW_AND_OLD_IMAGES
   */
  readonly streamViewType?: dynamodb.StreamViewType;
  /**
   * The region of a table that was imported by its name.
   * @default - the one of its ARN, or of its stack
   */
  readonly region?: string;
  /**
   * Whether the stream of an imported table is turned on by this stack. Leave it to the owner where that is another
   * account or another stack; the walker waits for it.
   * @default - true, unless its stream's ARN is given, or it belongs to another account
   */
  readonly enableStream?: boolean;
  /**
   * A stream of another view type that may be replaced on an imported table.
   * @default - none: another view type fails the deployment
   */
  readonly replaceStream?: StreamReplacement;
  /**
   * Whether the stream of an imported table is turned off again with the stack, if the stack turned it on.
   * @default false
   */
  readonly turnOffStreamOnDelete?: boolean;
  /**
   * The role that the walker assumes to read a table of another account.
   * @default - none
   */
  readonly readerRole?: iam.IRole;
}

/** A table as its source sees it: which one, and where. */
export interface SourceTable {
  readonly table: dynamodb.ITable;
  readonly options: TableSourceOptions;
  readonly place: TablePlace;
  readonly arn: string;
  /** The resource whose template says which stream the table has; none for an imported table. */
  readonly resource: TableResource | undefined;
  /** The stream's ARN, where the import names it. */
  readonly importedStreamArn: string | undefined;
  readonly isReplica: boolean;
}

/** A table under a key of its owner's is readable by those who may use the key through DynamoDB. */
export function keyUse({ table, place }: SourceTable): iam.PolicyStatement[] {
  if (table.encryptionKey === undefined) return [];
  const through = { StringEquals: { 'kms:ViaService': `dynamodb.${place.region}.amazonaws.com` } };
  return [allow(['kms:Decrypt', 'kms:DescribeKey'], [table.encryptionKey.keyArn], through)];
}

/** The custom resource that turns on the stream of an imported table. */
export function enableStream(
  source: SourceTable,
  subscription: IConstruct,
  streamViewType: dynamodb.StreamViewType,
): CustomResource {
  return StreamEnabler.of(subscription).enable(subscription, {
    tableArn: source.arn,
    tableName: source.table.tableName,
    region: source.place.region,
    streamViewType,
    replaceStream: source.options.replaceStream?.streamArn,
    turnOffOnDelete: source.options.turnOffStreamOnDelete ?? false,
  });
}

/** What an imported table's stream is turned on with. */
export const wantedViewType = (source: SourceTable): dynamodb.StreamViewType =>
  source.options.streamViewType ?? dynamodb.StreamViewType.NEW_AND_OLD_IMAGES;

/** Fails where the old stream's unread records would go another way than the options say. */
export function refuseTail(source: SourceTable, subscription: IConstruct, possible: StreamReplacement['tail']): void {
  const given = source.options.replaceStream?.tail;
  if (given === undefined || given === possible) return;
  refuse(
    subscription,
    possible === 'lost'
      ? "replaceStream.tail must be 'lost' on a mapping, which cannot drain the old stream: accept that, or use delivery: 'shard-walker'"
      : "replaceStream.tail must be 'drained' on the walker, which reads the old stream to its end",
  );
}

/** Whether other regions hold the table, too: then replication reads its stream. */
export function hasReplicas(resource: TableResource | undefined): boolean {
  if (resource === undefined) return false;
  // The older construct adds replicas by custom resources of its own.
  if (!('replicas' in resource)) return resource.node.scope?.node.children.some(isReplica) ?? false;
  return replicasOf(resource).length > 1;
}

/** The regions of a global table's replicas; undefined where they, or one of them, are not known here. */
export function replicaRegions(resource: TableResource | undefined): readonly string[] | undefined {
  if (resource === undefined || !('replicas' in resource)) return undefined;
  const regions = replicasOf(resource).map(({ region }) => region);
  return regions.length > 0 && regions.every((region) => typeof region === 'string') ? regions : undefined;
}

function replicasOf(resource: dynamodb.CfnGlobalTable): readonly { readonly region?: unknown }[] {
  const replicas: unknown = Stack.of(resource).resolve(resource.replicas);
  return Array.isArray(replicas) ? replicas : [];
}

const isReplica = ({ node: { defaultChild } }: IConstruct): boolean =>
  CfnResource.isCfnResource(defaultChild ?? {}) &&
  (defaultChild as CfnResource).cfnResourceType === 'Custom::DynamoDBReplica';
