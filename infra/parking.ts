import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct, type IDependable } from 'constructs';
import { PARKING_ENV } from '../shared/core/parking.ts';
import { redriveEvent } from '../shared/core/redrive-event.ts';
import { functionOf } from './handler-timeout.ts';
import type { ParkingTable } from './parking-table.ts';
import { checkMinutes, refuse } from './range.ts';
import { allowRole } from './role-access.ts';
import { allow } from './statement.ts';
import { topmostStack } from './table-stream.ts';

/** How what is parked is tried again. */
export interface ParkingOptions {
  /**
   * How often parked changes are handled again by themselves, in whole minutes. Range: 1 minute to 7 days.
   * @default - only when an operator redrives
   */
  readonly redriveEvery?: Duration;
}

export interface ParkingProps {
  readonly table: () => ParkingTable;
  readonly subscriptionName: string;
  readonly handler: lambda.IFunction;
  readonly options: ParkingOptions;
  readonly encryptionKey: kms.IKey | undefined;
}

const DAY_MINUTES = 24 * 60;

/** Lets a subscription's handler park: its role may use the table, its environment names it. */
export class Parking extends Construct {
  /** What the handler's role may do: it exists before the first change comes. */
  readonly access: readonly IDependable[];
  /** What redrives by itself, where it was asked for. */
  readonly redrive: scheduler.Schedule | undefined;

  constructor(scope: Construct, id: string, props: ParkingProps) {
    super(scope, id);
    const { options } = props;
    const handler = functionOf(props.handler);
    if (!(handler instanceof lambda.Function) || handler.role === undefined) {
      refuse(
        scope,
        'parking needs a function of this app: the environment and the role of an imported one cannot be changed',
      );
    }
    refuseOtherStack(scope, handler, 'parking');
    checkMinutes(scope, 'parking.redriveEvery', options.redriveEvery, 1, 7 * DAY_MINUTES);
    const table = props.table();
    this.access = allowRole(this, 'Access', handler.role, table.use());
    // MILLRACE_SUBSCRIPTION, whose parked changes they are, is set for every handler of the app.
    handler.addEnvironment(PARKING_ENV.table, table.table.tableName);
    if (options.redriveEvery !== undefined) {
      this.redrive = this.makeRedrive(props, table.scheduleGroup(), options.redriveEvery);
      this.redrive.node.addDependency(...this.access);
    }
  }

  private makeRedrive(props: ParkingProps, scheduleGroup: scheduler.ScheduleGroup, every: Duration) {
    const { handler, subscriptionName, encryptionKey } = props;
    return new scheduler.Schedule(this, 'Redrive', {
      description: `Millrace: redrives what ${subscriptionName} has parked`,
      schedule: scheduler.ScheduleExpression.rate(every),
      scheduleGroup,
      timeWindow: scheduler.TimeWindow.off(),
      key: encryptionKey,
      target: new targets.LambdaInvoke(handler, {
        input: scheduler.ScheduleTargetInput.fromObject(redriveEvent()),
        role: this.makeRole(handler, scheduleGroup, encryptionKey),
        // The next redrive does what a missed one would have done.
        retryAttempts: 0,
        maxEventAge: Duration.seconds(60),
      }),
    });
  }

  private makeRole(handler: lambda.IFunction, group: scheduler.ScheduleGroup, key: kms.IKey | undefined): iam.IRole {
    const role = new iam.Role(this, 'RedriveRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': group.scheduleGroupArn },
        },
      }),
    });
    role.addToPolicy(allow(['lambda:InvokeFunction'], [handler.functionArn]));
    if (key !== undefined) role.addToPolicy(allow(['kms:Decrypt'], [key.keyArn]));
    // The target would add the function's versions, which nothing invokes.
    return role.withoutPolicyUpdates();
  }
}

/**
 * Fails for a handler of another stack, whose environment would name a table of this one: each stack would have to be
 * deployed before the other. Nested stacks are parts of one.
 */
export function refuseOtherStack(scope: Construct, handler: lambda.IFunction, what: string): void {
  const [theirs, ours] = [topmostStack(handler), topmostStack(scope)];
  if (theirs === ours) return;
  refuse(
    scope,
    `${what} needs a handler of the pipeline's stack ${ours.node.path}, got one of ${theirs.node.path}: make the pipeline there, or the function here`,
  );
}
