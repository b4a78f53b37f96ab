import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type { IConstruct } from 'constructs';
import type { Precision } from '../shared/core/destination-request.ts';
import { DestinationEnabler } from './destination-enabler.ts';
import { type KinesisSourceOptions, kinesisSource } from './kinesis-source.ts';
import { refuse } from './range.ts';
import type { Source } from './source.ts';
import { compareWithHere, placeOf, type TablePlace } from './table-place.ts';
import { type TableResource, tableResource } from './table-stream.ts';

export interface ThroughKinesisOptions extends KinesisSourceOptions {
  /** The stream that the table publishes to: in the table's own region and account. */
  readonly through: kinesis.IStream;
  /**
   * How exactly the time of a change is told. Changes of one item within that time are in no certain order.
   * @default 'MICROSECOND'
   */
  readonly precision?: Precision;
  /**
   * Whether publishing is turned on by this stack for an imported table. Leave it to the owner where that is another
   * account or another stack.
   * @default - true, unless the table belongs to another account
   */
  readonly enableDestination?: boolean;
  /**
   * Whether publishing of an imported table is turned off again with the stack, if the stack turned it on.
   * @default false
   */
  readonly turnOffDestinationOnDelete?: boolean;
  /**
   * The region of a table that was imported by its name.
   * @default - the one of its ARN, or of its stack
   */
  readonly region?: string;
}

/** The changes of one table, through the Kinesis stream that it publishes to. */
export function tableThroughKinesis(table: dynamodb.ITable, options: ThroughKinesisOptions): Source {
  const { through: stream } = options;
  return kinesisSource({
    stream,
    options,
    onlyTable: table.tableName,
    publish: (subscription) => publish(table, options, subscription),
  });
}

function publish(
  table: dynamodb.ITable,
  options: ThroughKinesisOptions,
  subscription: IConstruct,
): readonly IConstruct[] {
  const { through: stream, precision = 'MICROSECOND' } = options;
  const place = placeOf(table, options.region);
  refuseElsewhere(subscription, place, stream);
  const resource = tableResource(table);
  if (resource !== undefined) {
    publishTo(resource, subscription, stream, options.precision);
    return [];
  }
  const isOurs = compareWithHere(subscription, place).isAccount;
  if (!(options.enableDestination ?? isOurs)) return [];
  return [
    DestinationEnabler.of(subscription).enable(subscription, {
      tableArn: table.tableArn,
      tableName: table.tableName,
      region: place.region,
      streamArn: stream.streamArn,
      precision,
      turnOffOnDelete: options.turnOffDestinationOnDelete ?? false,
    }),
  ];
}

/** DynamoDB publishes to a stream of the table's own region and account only. */
function refuseElsewhere(subscription: IConstruct, place: TablePlace, stream: kinesis.IStream): void {
  for (const what of ['region', 'account'] as const) {
    if (Token.compareStrings(place[what], stream.env[what]) !== TokenComparison.DIFFERENT) continue;
    refuse(
      subscription,
      `through must be a stream of the table's ${what} ${place[what]}, got one of ${stream.env[what]}`,
    );
  }
}

interface Specification {
  readonly streamArn: string;
  readonly approximateCreationDateTimePrecision?: string;
}

/** Lets a table of the app publish, or takes the destination that it has. */
function publishTo(
  resource: TableResource,
  subscription: IConstruct,
  stream: kinesis.IStream,
  wanted: Precision | undefined,
): void {
  const current = specificationOf(resource);
  const isOther = current !== undefined && !isSame(Stack.of(resource).resolve(stream.streamArn), current.streamArn);
  if (isOther) {
    refuse(subscription, `${resource.node.scope?.node.path} publishes to another Kinesis stream: a table has one`);
  }
  const known = current?.approximateCreationDateTimePrecision;
  if (known !== undefined && wanted !== undefined && known !== wanted) {
    refuse(subscription, `precision must be ${known} as ${resource.node.scope?.node.path} has it, got ${wanted}`);
  }
  if (known !== undefined) return;
  const approximateCreationDateTimePrecision = wanted ?? 'MICROSECOND';
  const specification = { streamArn: stream.streamArn, approximateCreationDateTimePrecision };
  if (resource instanceof dynamodb.CfnTable) {
    resource.kinesisStreamSpecification = specification;
    return;
  }
  const index = replicaIndex(resource);
  resource.addPropertyOverride(`Replicas.${index}.KinesisStreamSpecification`, {
    StreamArn: specification.streamArn,
    ApproximateCreationDateTimePrecision: approximateCreationDateTimePrecision,
  });
  published.set(resource, Stack.of(resource).resolve(specification));
}

/** What was written over properties that CDK makes lazily, and does not show any more. */
const published = new WeakMap<TableResource, Specification>();

function specificationOf(resource: TableResource): Specification | undefined {
  const known = published.get(resource);
  if (known !== undefined) return known;
  const stack = Stack.of(resource);
  if (resource instanceof dynamodb.CfnTable) return stack.resolve(resource.kinesisStreamSpecification);
  return replicasOf(resource)[replicaIndex(resource)]?.kinesisStreamSpecification;
}

const replicasOf = (
  resource: dynamodb.CfnGlobalTable,
): readonly { readonly region: unknown; readonly kinesisStreamSpecification?: Specification }[] =>
  Stack.of(resource).resolve(resource.replicas);

/** The replica in the table's own region; each replica publishes by itself. */
function replicaIndex(resource: dynamodb.CfnGlobalTable): number {
  const here = JSON.stringify(Stack.of(resource).resolve(Stack.of(resource).region));
  const index = replicasOf(resource).findIndex(({ region }) => JSON.stringify(region) === here);
  return Math.max(0, index);
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
