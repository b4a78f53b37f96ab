import { Stack, Token } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { IConstruct } from 'constructs';
import { mapTable } from './mapped-table.ts';
import { refuse } from './range.ts';
import type { Delivery, Source, SourceLocation } from './source.ts';
import { hasReplicas, replicaRegions, type SourceTable, type TableSourceOptions } from './source-table.ts';
import { refuseContradiction } from './table-options.ts';
import { compareWithHere, placeOf } from './table-place.ts';
import { tableResource } from './table-stream.ts';
import { walkTable } from './walked-table.ts';

/** The stream of one table. */
export function tableSource(table: dynamodb.ITable, options: TableSourceOptions): Source {
  const place = placeOf(table, options.region);
  const ownRegion = Token.isUnresolved(table.tableArn) ? table.env.region : table.tableArn.split(':')[3];
  return sourceOf({
    table,
    options,
    place,
    arn: place.region === ownRegion ? table.tableArn : arnIn(table, place.region),
    resource: tableResource(table),
    importedStreamArn: tableResource(table) === undefined ? table.tableStreamArn : undefined,
    isReplica: false,
  });
}

/** The stream of a global table's replica in a region: each replica has one of its own. */
export function replicaSource(table: dynamodb.ITable, region: string, options: TableSourceOptions): Source {
  const { account } = placeOf(table, region);
  const arn = arnIn(table, region);
  const resource = tableResource(table);
  return sourceOf({
    table,
    options,
    place: { region, account },
    arn,
    resource,
    importedStreamArn: undefined,
    // The table's own region is one of its replicas', too, and there CloudFormation tells its stream.
    isReplica: resource === undefined || region !== table.env.region,
  });
}

function sourceOf(source: SourceTable): Source {
  return {
    locate: (subscription) => locate(source, subscription),
    map: (subscription) => mapTable(source, subscription),
    walk: (subscription) => walkTable(source, subscription),
  };
}

function locate(source: SourceTable, subscription: IConstruct): SourceLocation {
  const { place, resource } = source;
  refuseWildcard(source, subscription);
  if (source.isReplica) refuseMissingReplica(source, subscription);
  else refuseContradiction(source, subscription);
  const { isRegion, isAccount } = compareWithHere(subscription, place);
  const { region } = Stack.of(subscription);
  const common = {
    streamKey: streamKeyOf(source),
    isReplicated: source.isReplica || hasReplicas(resource),
    streamOwner: isAccount ? undefined : place.account,
  };
  if (!isRegion) {
    const reason = `the table is in ${place.region} and the pipeline in ${region}, and no event source mapping reads another region's stream`;
    const notMappable = `the table is in ${place.region}, and an event source mapping reads streams of its own region (${region}) only`;
    return { ...common, delivery: 'shard-walker', reason, notMappable };
  }
  if (isAccount) {
    return { ...common, delivery: 'event-source-mapping', reason: "the table is in the pipeline's region" };
  }
  const delivery: Delivery = source.options.readerRole === undefined ? 'event-source-mapping' : 'shard-walker';
  const reason =
    delivery === 'shard-walker'
      ? `the table belongs to the account ${place.account}, and there is a role to read it with`
      : `the table belongs to the account ${place.account}, whose stream's resource policy can let the mapping in`;
  const isKnown = resource !== undefined || source.importedStreamArn !== undefined;
  const notMappable = `the table belongs to the account ${place.account}, and its stream's ARN is not known: import it with tableStreamArn`;
  return { ...common, delivery, reason, ...(!isKnown && { notMappable }) };
}

/** Fails, once all replicas are there, for a region that has none of them. */
function refuseMissingReplica({ table, place, resource }: SourceTable, subscription: IConstruct): void {
  subscription.node.addValidation({
    validate: () => {
      const regions = replicaRegions(resource);
      if (regions === undefined || Token.isUnresolved(place.region) || regions.includes(place.region)) return [];
      return [`${table.node.path} has no replica in ${place.region}: it has ${regions.join(', ')}`];
    },
  });
}

/**
 * Two imports are one table where they have its name and its place. Stacks without a place of their own (one for each
 * stage, say) may be deployed anywhere, so that each imports another.
 */
function streamKeyOf({ table, place, resource }: SourceTable): string {
  const stack = Stack.of(table);
  const isPlaced = !Token.isUnresolved(place.region) && !Token.isUnresolved(place.account);
  return JSON.stringify([
    resource?.node.path ?? stack.resolve(table.tableName),
    stack.resolve(place),
    ...(isPlaced ? [] : [stack.node.path]),
  ]);
}

/** CDK knows a replica's stream only as a wildcard, which no mapping takes. */
function refuseWildcard(source: SourceTable, subscription: IConstruct): void {
  if (source.importedStreamArn?.endsWith('/stream/*')) {
    refuse(subscription, "a replica's stream is not known here: use ChangeSource.replica(globalTable, region)");
  }
}

const arnIn = (table: dynamodb.ITable, region: string): string =>
  Stack.of(table).formatArn({
    service: 'dynamodb',
    resource: 'table',
    resourceName: table.tableName,
    region,
    account: placeOf(table, region).account,
  });
