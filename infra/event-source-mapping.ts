import { Annotations, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct, IDependable } from 'constructs';
import type { FilterPattern } from '../shared/core/filter.ts';
import { DELIVERY_DEFAULTS } from './delivery.ts';
import type { OnFailureDestination } from './on-failure.ts';
import { checkKnown, checkSeconds, checkWhole, refuse } from './range.ts';
import { allowRole } from './role-access.ts';
import type { MappedSource } from './source.ts';
import type { SubscriptionProps } from './subscription-props.ts';

/** Fails where Lambda would refuse the mapping. */
export function checkMapping(scope: IConstruct, props: SubscriptionProps): void {
  checkSeconds(scope, 'tumblingWindow', props.tumblingWindow, 0, 900);
  checkWhole(scope, 'run', props.run, 0, 1_000_000);
  checkKnown(scope, 'run', props.run);
  if (props.startingPosition === lambda.StartingPosition.AT_TIMESTAMP && !props.source.isKinesis) {
    refuse(
      scope,
      "startingPosition must be TRIM_HORIZON or LATEST on a mapping of a table's stream, got AT_TIMESTAMP: use delivery: 'shard-walker'",
    );
  }
  const metric = props.metricsConfig?.metrics.find((one) => one !== lambda.MetricType.EVENT_COUNT);
  if (metric !== undefined) {
    refuse(scope, `metricsConfig must be EventCount or nothing: the others are for Kafka, got ${metric}`);
  }
  const { account } = Stack.of(scope);
  if (Token.compareStrings(props.handler.env.account, account) === TokenComparison.DIFFERENT) {
    refuse(scope, `handler must be of the pipeline's account ${account}, got one of ${props.handler.env.account}`);
  }
  if (props.filterEncryption !== undefined && props.filters === undefined) {
    refuse(scope, 'filterEncryption needs filters, and there are none');
  }
}

const INEXACT = { integral: false };
/** Lambda's quota of filters for a mapping; it can be raised to 10. */
const LAMBDA_FILTERS = 5;

export interface MappedStream {
  readonly props: SubscriptionProps;
  readonly source: MappedSource;
  readonly filters: readonly FilterPattern[];
  readonly onFailure: OnFailureDestination;
  readonly encryptionKey: kms.IKey | undefined;
}

/**
 * Makes Lambda poll a stream for the handler.
 *
 * The mapping's construct id comes from the subscription alone: Lambda refuses a second mapping of one function and one
 * stream, so a new logical id (a moved or renamed table construct) would fail the deployment.
 */
export function mapStream(scope: Construct, mapped: MappedStream): lambda.EventSourceMapping {
  const { props, source, filters, onFailure } = mapped;
  const mapping = new lambda.EventSourceMapping(scope, 'Mapping', {
    target: props.handler,
    eventSourceArn: source.streamArn,
    startingPosition: props.startingPosition ?? lambda.StartingPosition.TRIM_HORIZON,
    ...(props.startingPositionTimestamp && {
      startingPositionTimestamp: props.startingPositionTimestamp.getTime() / 1_000,
    }),
    batchSize: props.batchSize ?? DELIVERY_DEFAULTS.batchSize,
    maxBatchingWindow: props.maxBatchingWindow ?? DELIVERY_DEFAULTS.maxBatchingWindow,
    parallelizationFactor: props.parallelizationFactor ?? DELIVERY_DEFAULTS.parallelizationFactor,
    bisectBatchOnError: props.bisectBatchOnError ?? DELIVERY_DEFAULTS.bisectBatchOnError,
    retryAttempts: props.retryAttempts ?? DELIVERY_DEFAULTS.retryAttempts,
    reportBatchItemFailures: props.reportBatchItemFailures ?? DELIVERY_DEFAULTS.reportBatchItemFailures,
    tumblingWindow: props.tumblingWindow,
    enabled: props.enabled ?? true,
    ...(filters.length > 0 && {
      filters: filters.map((pattern) => ({ pattern: JSON.stringify(pattern) })),
      filterEncryption: props.filterEncryption ?? mapped.encryptionKey,
    }),
    metricsConfig: props.metricsConfig ?? { metrics: [lambda.MetricType.EVENT_COUNT] },
    logLevel: props.logLevel,
    onFailure: { bind: () => ({ destination: onFailure.arn }) },
    supportS3OnFailureDestination: true,
  });
  const resource = mapping.node.defaultChild as lambda.CfnEventSourceMapping;
  // An imported ARN's version or alias is no part of the function's name, which the construct takes.
  const { functionArn } = props.handler;
  if (!Token.isUnresolved(functionArn)) resource.functionName = functionArn;
  // Set here, because the construct takes an age that only the deployment knows for one that is too short.
  resource.maximumRecordAgeInSeconds = (props.maxRecordAge ?? DELIVERY_DEFAULTS.maxRecordAge).toSeconds();
  const { maxRecordAge } = props;
  if (!props.source.isKinesis && maxRecordAge && !maxRecordAge.isUnresolved() && maxRecordAge.toHours(INEXACT) >= 24) {
    Annotations.of(scope).addWarningV2(
      'millrace:record-age',
      `maxRecordAge of ${maxRecordAge.toHours(INEXACT)} hours is no less than the 24 for which the stream keeps a record: what fails as long is lost, and does not reach onFailure`,
    );
  }
  if (filters.length > LAMBDA_FILTERS) {
    Annotations.of(scope).addWarningV2(
      'millrace:filter-quota',
      `${filters.length} filters are more than the ${LAMBDA_FILTERS} that Lambda takes before its quota is raised`,
    );
  }
  if (props.logLevel !== undefined) {
    Annotations.of(scope).addWarningV2(
      'millrace:mapping-log-level',
      'logLevel: AWS documents logs of a mapping for Kafka in provisioned mode only, and may refuse it or write nothing here',
    );
  }
  mapping.node.addDependency(...source.dependencies, ...pollerAccess(scope, props, source, onFailure));
  return mapping;
}

/** Lambda polls, and gives up batches, with the handler's role: a policy of our own, which exists before the mapping. */
function pollerAccess(
  scope: Construct,
  props: SubscriptionProps,
  source: MappedSource,
  onFailure: OnFailureDestination,
): readonly IDependable[] {
  const statements = [...source.statements, ...onFailure.statements({ path: 'event-source-mapping' })];
  if (props.handler.role !== undefined) {
    return allowRole(scope, 'PollerAccess', props.handler.role, statements);
  }
  const wanted = statements.flatMap((statement) => statement.actions);
  Annotations.of(scope).addWarningV2(
    'millrace:handler-role-unknown',
    `the handler's role is not known, so nothing was granted: it needs ${wanted.join(', ')}, or Lambda refuses the mapping (Function.fromFunctionAttributes takes a role)`,
  );
  return [];
}
