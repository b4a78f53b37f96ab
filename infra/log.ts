import { Annotations, ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
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
export function allowLogs(scope: Construct, key: kms.IKey): void {
  const stack = Stack.of(scope);
  const stacks = allowed.get(key) ?? new Set();
  if (stacks.has(stack)) return;
  allowed.set(key, stacks.add(stack));
  const { statementAdded } = key.addToResourcePolicy(
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
  if (statementAdded) return;
  Annotations.of(scope).addWarningV2(
    'millrace:imported-key',
    `the policy of the key ${key.node.path} cannot be changed from here: it has to let logs.${stack.region}.amazonaws.com use the key for this account's logs, and lambda.amazonaws.com decrypt the filters of mappings, or the deployment fails`,
  );
}
