import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type FunctionName, functionCode } from './function-code.ts';
import { allowLogs, functionLog, type LogProps } from './log.ts';
import { allow } from './statement.ts';

/**
 * Changes tables that the stack does not own, through one function and one custom resource a table.
 *
 * There is one of a kind in a stack, for all its pipelines.
 */
export abstract class TableEnabler extends Construct {
  readonly function: lambda.Function;
  protected readonly role: iam.Role;
  private readonly logGroup: logs.LogGroup;
  private hasRetention = false;

  protected constructor(scope: Construct, id: string, name: FunctionName, description: string) {
    super(scope, id);
    this.logGroup = functionLog(this);
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]));
    this.function = new nodejs.NodejsFunction(this, 'Function', {
      ...functionCode(name),
      description,
      timeout: Duration.minutes(15),
      memorySize: 256,
      role: this.role,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
    });
  }

  /** Keeps the logs of the stack's enablers as one of its pipelines says: the first that says anything. */
  static keepLogs(pipeline: Construct, { retention, encryptionKey }: LogProps): void {
    for (const child of Stack.of(pipeline).node.children) {
      if (!(child instanceof TableEnabler)) continue;
      const log = child.logGroup.node.defaultChild as logs.CfnLogGroup;
      if (retention !== undefined && !child.hasRetention) {
        log.retentionInDays = retention === logs.RetentionDays.INFINITE ? undefined : retention;
        child.hasRetention = true;
      }
      if (encryptionKey !== undefined && log.kmsKeyId === undefined) {
        allowLogs(child, encryptionKey);
        log.kmsKeyId = encryptionKey.keyArn;
      }
    }
  }
}
