import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ChangePipeline } from './change-pipeline.ts';
import { ChangeSource } from './change-source.ts';
import { BUNDLING, RUNTIME } from './function-code.ts';

/** A table in a region of its own. Its name is given, because the walker asks for it by name from another region. */
export class OtherRegionStack extends Stack {
  readonly table: dynamodb.TableV2;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.table = ordersTable(this, 'millrace-orders-abroad');
  }
}

export interface MillraceStackProps extends StackProps {
  /** A table in another region. */
  readonly abroad: dynamodb.ITable;
}

/** A table in this stack and one in another region, both followed by the handler of functions/orders.ts. */
export class MillraceStack extends Stack {
  readonly pipeline: ChangePipeline;

  constructor(scope: Construct, id: string, props: MillraceStackProps) {
    super(scope, id, props);
    const handler = new nodejs.NodejsFunction(this, 'Orders', {
      ...RUNTIME,
      entry: join(import.meta.dirname, '..', 'functions', 'orders.ts'),
      bundling: BUNDLING,
      timeout: Duration.minutes(1),
      memorySize: 256,
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup: new logs.LogGroup(this, 'OrdersLogs', {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    this.pipeline = new ChangePipeline(this, 'Changes');
    this.pipeline.subscribe('orders', { source: ChangeSource.table(ordersTable(this)), handler });
    this.pipeline.subscribe('orders-abroad', { source: ChangeSource.table(props.abroad), handler });
  }
}

function ordersTable(scope: Construct, tableName?: string): dynamodb.TableV2 {
  return new dynamodb.TableV2(scope, 'OrdersTable', {
    tableName,
    partitionKey: { name: 'orderId', type: dynamodb.AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  });
}
