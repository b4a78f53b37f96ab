import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { type KinesisSourceOptions, kinesisSource } from './kinesis-source.ts';
import type { Source } from './source.ts';
import type { TableSourceOptions } from './source-table.ts';
import { type ThroughKinesisOptions, tableThroughKinesis } from './table-destination.ts';
import { replicaSource, tableSource } from './table-source.ts';
import { type TablesSourceOptions, tablesSource } from './tables-source.ts';

/** Where a subscription's changes come from. */
export type ChangeSource = Source;

export const ChangeSource = {
  /**
   * The stream of a table: of this app, or imported by name or ARN; in any region, of any account.
   *
   * A table of the app gets its stream turned on in its own stack; an imported one by a custom resource. With `through`,
   * the table publishes to that Kinesis stream, which is read in the place of its own, for the table's changes alone.
   */
  table: (table: dynamodb.ITable, options: TableSourceOptions | ThroughKinesisOptions = {}): ChangeSource =>
    'through' in options ? tableThroughKinesis(table, options) : tableSource(table, options),

  /**
   * The changes in a Kinesis stream to which tables publish: of this app, or imported by its ARN; in any region.
   *
   * The stream may carry the changes of several tables; `table` of a handler tells them apart.
   */
  kinesis: (stream: kinesis.IStream, options: KinesisSourceOptions = {}): ChangeSource =>
    kinesisSource({ stream, options }),

  /** The stream that a global table has in one of its regions. */
  replica: (table: dynamodb.ITable, region: string, options: TableSourceOptions = {}): ChangeSource =>
    replicaSource(table, region, options),

  /**
   * The streams of all tables that match, which the walker finds at run time: of one region, or of several.
   *
   * Each table is read as a subscription of its own, with its own positions; one that is made anew begins anew.
   */
  tables: (options: TablesSourceOptions): ChangeSource => tablesSource(options),
} as const;
