import { Stack } from 'aws-cdk-lib';
import type { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { refuse } from './range.ts';
import type { Source, WalkedSource } from './source.ts';
import { allow } from './statement.ts';

/** Which tables are followed: those that the walker finds at run time, by name and by tag. */
export interface TablesSourceOptions {
  /** Globs of table names, such as `prod-*`, of which one has to match: `*` is any text, `?` one character. */
  readonly include: readonly string[];
  /**
   * Globs of table names, of which none may match. The tables of Millrace's own pipelines never match.
   * @default - none
   */
  readonly exclude?: readonly string[];
  /**
   * Tags that a table must have, all of them, each with a glob of its value.
   * @default - none
   */
  readonly tags?: { readonly [name: string]: string };
  /**
   * Where tables are looked for.
   * @default - the pipeline's region
   */
  readonly regions?: readonly string[];
  /**
   * Whether the streams of tables that match are turned on where they are off. Without it such a table is reported as
   * broken until somebody turns its stream on.
   * @default false
   */
  readonly startStreams?: boolean;
  /**
   * What records have to carry: a table whose stream carries less is reported as broken, and not read. Streams are
   * turned on with it.
   * @default - anything; NEW_AND_OLD_IMAGES where a stream is turned on
   */
  readonly streamViewType?: StreamViewType;
  /**
   * Keys of yours that the tables are encrypted with.
   * @default - none
   */
  readonly encryptionKeys?: readonly kms.IKey[];
  /**
   * The role that the walker assumes where the tables are another account's; it has to allow what this account's walker
   * would be allowed.
   * @default - none
   */
  readonly readerRole?: iam.IRole;
}

const NOT_MAPPABLE = 'the tables are found at run time, and an event source mapping is made for one stream';

/** The streams of all tables that match. */
export function tablesSource(options: TablesSourceOptions): Source {
  const { include, exclude = [], tags = {} } = options;
  return {
    isForTables: true,
    locate: (subscription) => ({
      delivery: 'shard-walker',
      reason: NOT_MAPPABLE,
      notMappable: NOT_MAPPABLE,
      streamKey: JSON.stringify(['tables', include, exclude, tags, regionsOf(options, subscription)]),
      isReplicated: false,
    }),
    map: (subscription) => refuse(subscription, `delivery must be shard-walker: ${NOT_MAPPABLE}`),
    walk: (subscription) => walkTables(options, subscription),
  };
}

const regionsOf = ({ regions }: TablesSourceOptions, subscription: IConstruct): readonly string[] =>
  regions ?? [Stack.of(subscription).region];

function walkTables(options: TablesSourceOptions, subscription: IConstruct): WalkedSource {
  const regions = regionsOf(options, subscription);
  if (new Set(regions).size < regions.length) refuse(subscription, `regions must differ, got ${regions.join(', ')}`);
  const { include, exclude, tags, startStreams, streamViewType, readerRole } = options;
  const arns = regions.flatMap((region) => include.map((glob) => tableArn(subscription, region, glob)));
  const role = readerRole?.roleArn;
  return {
    request: {
      kind: 'tables',
      include: [...include],
      ...(exclude && { exclude: [...exclude] }),
      ...(tags && { tags: { ...tags } }),
      regions: [...regions],
      ...(role && { roleArn: role }),
      streams: startStreams ? 'enable' : 'expect',
      ...(streamViewType && { viewType: streamViewType }),
    },
    viewType: streamViewType,
    statements: role === undefined ? readStatements(options, arns, regions) : [allow(['sts:AssumeRole'], [role])],
    scanStatements: role === undefined ? [allow(['dynamodb:Scan'], arns)] : [],
  };
}

/** A policy's wildcards are a glob's, so a permission reaches as far as the names that are included, and no further. */
const tableArn = (subscription: IConstruct, region: string, glob: string): string =>
  Stack.of(subscription).formatArn({ service: 'dynamodb', resource: 'table', resourceName: glob, region });

function readStatements(
  { startStreams, encryptionKeys = [] }: TablesSourceOptions,
  arns: readonly string[],
  regions: readonly string[],
): iam.PolicyStatement[] {
  const through = regions.map((region) => `dynamodb.${region}.amazonaws.com`);
  return [
    // ListTables knows no resource: it names every table of a region, or none.
    allow(['dynamodb:ListTables'], ['*'], { StringEquals: { 'aws:RequestedRegion': regions } }),
    allow(
      ['dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource', ...(startStreams ? ['dynamodb:UpdateTable'] : [])],
      arns,
    ),
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      arns.map((arn) => `${arn}/stream/*`),
    ),
    ...encryptionKeys.map((key) =>
      allow(['kms:Decrypt', 'kms:DescribeKey'], [key.keyArn], { StringEquals: { 'kms:ViaService': through } }),
    ),
  ];
}
