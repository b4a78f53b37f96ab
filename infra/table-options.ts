import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import type { Delivery } from './source.ts';
import type { SourceTable } from './source-table.ts';
import { placeOf } from './table-place.ts';

/** The ARN of a table's stream, and the name of its table. */
const STREAM_ARN = /^arn:[^:]+:dynamodb:[^:]+:\d{12}:table\/([^/]+)\/stream\/[^/*]+$/;

/** Fails where the options say another table, region or stream than the table's construct does. */
export function refuseContradiction(source: SourceTable, subscription: IConstruct): void {
  const { table, options, importedStreamArn } = source;
  const home = placeOf(table, undefined).region;
  // An import by name claims its stack's region.
  const isKnown = source.resource !== undefined || isText(importedStreamArn) || home !== Stack.of(table).region;
  if (options.region !== undefined && isKnown && isDifferent(options.region, home)) {
    refuse(
      subscription,
      `region must be left out, or ${home} where ${table.node.path} is, got ${options.region}: the stream of a global table's replica is ChangeSource.replica(table, region)`,
    );
  }
  refuseOtherStream(source, subscription, 'tableStreamArn', importedStreamArn);
  refuseOtherStream(source, subscription, 'replaceStream.streamArn', options.replaceStream?.streamArn);
}

function refuseOtherStream(
  { table }: SourceTable,
  subscription: IConstruct,
  name: string,
  arn: string | undefined,
): void {
  if (!isText(arn)) return;
  const tableName = STREAM_ARN.exec(arn)?.[1];
  if (tableName !== undefined && !isDifferent(tableName, table.tableName)) return;
  const wanted = Token.isUnresolved(table.tableName) ? 'a stream of the table' : `a stream of ${table.tableName}`;
  refuse(subscription, `${name} must be the ARN of ${wanted}, got ${arn}`);
}

/** Fails on options about turning a stream on or off where nothing here does that, instead of ignoring them. */
export function refuseUnused({ options, resource }: SourceTable, subscription: IConstruct): void {
  const { enableStream, replaceStream, turnOffStreamOnDelete } = options;
  const given = Object.entries({ enableStream, replaceStream, turnOffStreamOnDelete }).find(
    ([, value]) => value !== undefined && value !== false,
  );
  if (given === undefined) return;
  const reason =
    resource === undefined
      ? 'the stream of this table is not turned on by this stack'
      : "the stream of a table of the app is turned on by the table's own stack";
  refuse(subscription, `${given[0]} must be left out: ${reason}`);
}

/** Fails where a role is given that nobody assumes. */
export function refuseReader({ options }: SourceTable, subscription: IConstruct, delivery: Delivery): void {
  if (options.readerRole === undefined || delivery === 'shard-walker') return;
  refuse(subscription, "readerRole is for the shard walker: leave it out, or give delivery: 'shard-walker'");
}

const isText = (value: string | undefined): value is string => value !== undefined && !Token.isUnresolved(value);
const isDifferent = (one: string, other: string): boolean =>
  Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
