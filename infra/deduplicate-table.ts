import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { DEDUPLICATE_ENV, DEDUPLICATE_TABLE_ACTIONS, DEDUPLICATE_TABLE_KEYS } from '../shared/core/deduplicate.ts';
import { OWN_TABLE_TAG } from '../shared/core/table-pattern.ts';
import { functionOf } from './handler-timeout.ts';
import { type KeptTableProps, useOf } from './kept-table.ts';
import { refuse } from './range.ts';

/**
 * Keeps the newest change of each item that was settled, for subscriptions to Kinesis streams that drop what is repeated.
 *
 * Losing it loses no change: some are delivered again, or late. So it has no backups, and goes with the stack.
 */
export class DeduplicateTable extends Construct {
  readonly table: dynamodb.TableV2;

  constructor(scope: Construct, id: string, { encryptionKey }: KeptTableProps = {}) {
    super(scope, id);
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey: { name: DEDUPLICATE_TABLE_KEYS.partition, type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: DEDUPLICATE_TABLE_KEYS.expiresAt,
      billing: dynamodb.Billing.onDemand(),
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryption: dynamodb.TableEncryptionV2.customerManagedKey(encryptionKey) }),
    });
    Tags.of(this.table).add(OWN_TABLE_TAG, 'true');
  }

  /** What a handler needs of the table. */
  use(): iam.PolicyStatement[] {
    return useOf(this.table, DEDUPLICATE_TABLE_ACTIONS);
  }

  /** Tells a handler of the app where the table is, and how long its stream keeps its records. */
  tell(subscription: Construct, given: lambda.IFunction, retentionHours: number | undefined): iam.IRole {
    const handler = functionOf(given);
    if (!(handler instanceof lambda.Function) || handler.role === undefined) {
      return refuse(
        subscription,
        'deduplicate needs a function of this app: the environment and the role of an imported one cannot be changed',
      );
    }
    handler.addEnvironment(DEDUPLICATE_ENV.table, this.table.tableName);
    if (retentionHours !== undefined) {
      handler.addEnvironment(DEDUPLICATE_ENV.retentionHours, String(retentionHours));
    }
    return handler.role;
  }
}
