import { RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { OWN_TABLE_TAG } from '../shared/core/table-pattern.ts';
import { allow } from './statement.ts';

export interface KeptTableProps {
  /** @default - a key of AWS */
  readonly encryptionKey?: kms.IKey;
  /** @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

export interface KeptTableKeys {
  readonly partition: string;
  readonly sort: string;
  /** The attribute by which rows expire; left out, none does. */
  readonly timeToLive?: string;
}

/**
 * A table whose loss would lose changes: on demand, backed up continuously, protected against deletion, and kept when
 * the stack goes, unless asked otherwise.
 */
export function keptTable(scope: Construct, id: string, keys: KeptTableKeys, props: KeptTableProps): dynamodb.TableV2 {
  const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
  const table = new dynamodb.TableV2(scope, id, {
    partitionKey: { name: keys.partition, type: dynamodb.AttributeType.STRING },
    sortKey: { name: keys.sort, type: dynamodb.AttributeType.STRING },
    billing: dynamodb.Billing.onDemand(),
    ...(keys.timeToLive !== undefined && { timeToLiveAttribute: keys.timeToLive }),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
    removalPolicy,
    ...(props.encryptionKey && { encryption: dynamodb.TableEncryptionV2.customerManagedKey(props.encryptionKey) }),
  });
  // What walks write must never be walked: no pattern of tables matches one with this tag.
  Tags.of(table).add(OWN_TABLE_TAG, 'true');
  return table;
}

/** What a role needs for these actions: TransactWriteItems has none of its own, its items' actions count. */
export function useOf(table: dynamodb.TableV2, actions: readonly string[]): iam.PolicyStatement[] {
  const key = table.encryptionKey;
  return [allow(actions, [table.tableArn]), ...(key ? [keyUse(table, key)] : [])];
}

/** What DynamoDB does with the key on behalf of those who use the table. */
const keyUse = (table: dynamodb.TableV2, key: kms.IKey): iam.PolicyStatement =>
  allow(['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'], [key.keyArn], {
    StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(table).region}.amazonaws.com` },
  });
