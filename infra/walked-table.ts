import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import type { WalkedSource } from './source.ts';
import { enableStream, keyUse, refuseTail, type SourceTable, wantedViewType } from './source-table.ts';
import { allow } from './statement.ts';
import { refuseUnused } from './table-options.ts';
import { compareWithHere } from './table-place.ts';
import { turnOnStream } from './table-stream.ts';

/** Makes a table ready for the walker. */
export function walkTable(source: SourceTable, subscription: IConstruct): WalkedSource {
  const { table, options, place, resource } = source;
  const { isAccount } = compareWithHere(subscription, place);
  if (!isAccount && options.readerRole === undefined) {
    refuse(
      subscription,
      `readerRole must be given: the table belongs to the account ${place.account}, and the walker reads it by assuming a role of that account`,
    );
  }
  if (!isAccount && options.enableStream) {
    refuse(subscription, `enableStream must be left out: the table belongs to the account ${place.account}`);
  }
  refuseTail(source, subscription, 'drained');
  const isOurs = isAccount && source.importedStreamArn === undefined;
  const enables = resource === undefined && (options.enableStream ?? isOurs);
  if (!enables) refuseUnused(source, subscription);
  const viewType = resource
    ? turnOnStream(resource, subscription, options.streamViewType)
    : enables
      ? wantedViewType(source)
      : options.streamViewType;
  if (enables) enableStream(source, subscription, wantedViewType(source));
  const role = options.readerRole?.roleArn;
  return {
    request: { kind: 'table', tableName: table.tableName, region: place.region, ...(role && { roleArn: role }) },
    viewType,
    statements: role === undefined ? readStatements(source) : [allow(['sts:AssumeRole'], [role])],
    // With a role of the other account, that role has to allow it.
    scanStatements: role === undefined ? [allow(['dynamodb:Scan'], [source.arn])] : [],
  };
}

/** What reads a table's streams; each life of a stream has an ARN of its own, and the walker asks for the current one. */
function readStatements(source: SourceTable): iam.PolicyStatement[] {
  return [
    allow(['dynamodb:DescribeTable'], [source.arn]),
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [`${source.arn}/stream/*`]),
    ...keyUse(source),
  ];
}
