import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type KeptTableProps, keptTable, useOf } from './kept-table.ts';

export type StateTableProps = KeptTableProps;

/**
 * Keeps leases, positions and control rows of a pipeline's walked subscriptions.
 *
 * Losing it means reading the streams again from their beginning.
 */
export class StateTable extends Construct {
  readonly table: dynamodb.TableV2;

  constructor(scope: Construct, id: string, props: StateTableProps = {}) {
    super(scope, id);
    this.table = keptTable(this, 'Table', { partition: 'pk', sort: 'sk', timeToLive: 'removeAt' }, props);
  }

  /** What a walk needs of the table. */
  readWrite(): iam.PolicyStatement[] {
    return useOf(this.table, ['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
  }
}
