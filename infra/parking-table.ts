import { RemovalPolicy } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { PARKING_TABLE_ACTIONS, PARKING_TABLE_KEYS } from '../shared/core/parking.ts';
import { type KeptTableProps, keptTable, useOf } from './kept-table.ts';

/**
 * Keeps the parked changes of a pipeline's subscriptions, with their payloads: here they wait until they are redriven
 * or discarded, and nothing expires.
 */
export class ParkingTable extends Construct {
  readonly table: dynamodb.TableV2;
  private group: scheduler.ScheduleGroup | undefined;

  constructor(scope: Construct, id: string, props: KeptTableProps = {}) {
    super(scope, id);
    this.table = keptTable(this, 'Table', PARKING_TABLE_KEYS, props);
  }

  /** What a handler that parks and redrives needs of the table. */
  use(): iam.PolicyStatement[] {
    return useOf(this.table, PARKING_TABLE_ACTIONS);
  }

  /** The schedules that redrive. */
  scheduleGroup(): scheduler.ScheduleGroup {
    this.group ??= new scheduler.ScheduleGroup(this, 'Redrives', { removalPolicy: RemovalPolicy.DESTROY });
    return this.group;
  }
}
