import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionCode } from './function-code.ts';
import { functionLog } from './log.ts';
import type { StateTable } from './state-table.ts';
import { allow } from './statement.ts';

export interface ShardMapFunctionProps {
  readonly state: StateTable;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays | undefined;
  /** @default - a key of AWS */
  readonly encryptionKey?: kms.IKey | undefined;
}

/**
 * Draws the shards of walked subscriptions for a dashboard, from the state table alone.
 *
 * The dashboard invokes it as whoever looks at it: they need `lambda:InvokeFunction` on it, and CloudWatch asks them
 * once whether it may run.
 */
export class ShardMapFunction extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: ShardMapFunctionProps) {
    super(scope, id);
    const logGroup = functionLog(this, { retention: props.logRetention, encryptionKey: props.encryptionKey });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
    role.addToPolicy(allow(['dynamodb:Query'], [props.state.table.tableArn]));
    const key = props.state.table.encryptionKey;
    if (key !== undefined) {
      const via = { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` } };
      role.addToPolicy(allow(['kms:Decrypt'], [key.keyArn], via));
    }
    this.function = new nodejs.NodejsFunction(this, 'Function', {
      ...functionCode('shard-map'),
      description: 'Millrace: draws shards for a dashboard',
      timeout: Duration.seconds(30),
      memorySize: 512,
      environment: { MILLRACE_STATE_TABLE: props.state.table.tableName },
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
    });
  }

  /** The widget for one subscription. */
  widget(subscriptionName: string): cloudwatch.CustomWidget {
    return new cloudwatch.CustomWidget({
      title: `${subscriptionName}: shards`,
      functionArn: this.function.functionArn,
      params: { subscription: subscriptionName },
      width: 24,
      height: 12,
      updateOnTimeRangeChange: false,
    });
  }
}
