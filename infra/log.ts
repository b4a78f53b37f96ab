import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export interface LogProps {
  readonly retention?: logs.RetentionDays;
  readonly encryptionKey?: kms.IKey;
}

/** The log of one of Millrace's functions: kept for a month unless asked otherwise, and gone with its stack. */
export function functionLog(scope: Construct, props: LogProps = {}): logs.LogGroup {
  if (props.encryptionKey !== undefined) allowLogs(scope, props.encryptionKey);
  return new logs.LogGroup(scope, 'Logs', {
    retention: props.retention ?? logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
    encryptionKey: props.encryptionKey,
  });
}

const allowed = new WeakMap<kms.IKey, Set<Stack>>();

/** CloudWatch Logs uses the key by itself. It may for this account's logs in this region; the log's own name would make a cycle. */
function allowLogs(scope: Construct, key: kms.IKey): void {
  const stack = Stack.of(scope);
  const stacks = allowed.get(key) ?? new Set();
  if (stacks.has(stack)) return;
  allowed.set(key, stacks.add(stack));
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: '*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
  );
}
