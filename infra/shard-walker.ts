import { Duration, RemovalPolicy, type Size, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { functionCode } from './function-code.ts';
import { functionLog } from './log.ts';
import type { StateTable } from './state-table.ts';
import { allow } from './statement.ts';

export interface ShardWalkerProps {
  readonly state: StateTable;
  /** @default Size.mebibytes(1024) */
  readonly memorySize?: Size;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays;
  /** @default - a key of AWS */
  readonly encryptionKey?: kms.IKey;
  /** @default - none */
  readonly reservedConcurrentExecutions?: number;
  /** Whether X-Ray traces walks. @default false */
  readonly tracing?: boolean;
}

/**
 * The function that walks shards for every walked subscription of a pipeline.
 *
 * It is stateless and configured by its event alone, so one serves them all.
 */
export class ShardWalker extends Construct {
  readonly function: lambda.Function;
  readonly logGroup: logs.LogGroup;
  /** The schedules that tick it. */
  readonly scheduleGroup: scheduler.ScheduleGroup;
  /** What Scheduler invokes it as. */
  readonly schedulerRole: iam.IRole;
  readonly state: StateTable;

  constructor(scope: Construct, id: string, props: ShardWalkerProps) {
    super(scope, id);
    this.state = props.state;
    this.logGroup = functionLog(this, { retention: props.logRetention, encryptionKey: props.encryptionKey });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]));
    for (const statement of props.state.readWrite()) role.addToPolicy(statement);
    this.function = new nodejs.NodejsFunction(this, 'Function', {
      ...functionCode('shard-walker'),
      description: 'Millrace: reads shards, keeps positions, delivers changes',
      timeout: Duration.minutes(15),
      memorySize: props.memorySize?.toMebibytes() ?? 1024,
      reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      tracing: props.tracing ? lambda.Tracing.ACTIVE : undefined,
      role,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      // A walk that failed is not repeated, and a late one not begun: the next tick comes within a minute.
      retryAttempts: 0,
      maxEventAge: Duration.seconds(60),
    });
    this.scheduleGroup = new scheduler.ScheduleGroup(this, 'Schedules', { removalPolicy: RemovalPolicy.DESTROY });
    this.schedulerRole = this.makeSchedulerRole(props.encryptionKey);
  }

  /** Adds what a subscription needs to the walker's role. */
  allow(statements: readonly iam.PolicyStatement[]): void {
    for (const statement of statements) this.function.addToRolePolicy(statement);
  }

  private makeSchedulerRole(key: kms.IKey | undefined): iam.IRole {
    const role = new iam.Role(this, 'SchedulerRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': this.scheduleGroup.scheduleGroupArn,
          },
        },
      }),
    });
    role.addToPolicy(allow(['lambda:InvokeFunction'], [this.function.functionArn]));
    if (key !== undefined) role.addToPolicy(allow(['kms:Decrypt'], [key.keyArn]));
    // The target would add the function's versions, which nothing invokes.
    return role.withoutPolicyUpdates();
  }
}
