import { Duration, Stack, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct, type IConstruct } from 'constructs';
import { MillraceError } from '../shared/core/errors.ts';
import type { FilterPattern } from '../shared/core/filter.ts';
import { parseWalkRequest, REQUEST_FORMAT, type WalkRequestInput } from '../shared/request.ts';
import { bootstrapRequest } from './bootstrap.ts';
import { DELIVERY_DEFAULTS } from './delivery.ts';
import type { OnFailureDestination } from './on-failure.ts';
import { millisecondsOf, refuse } from './range.ts';
import type { ShardWalker } from './shard-walker.ts';
import { allow } from './statement.ts';
import type { SubscriptionProps } from './subscription-props.ts';

export interface WalkSchedulesProps {
  readonly walker: ShardWalker;
  readonly pipelineName: string;
  readonly subscriptionName: string;
  readonly source: WalkRequestInput['source'];
  readonly handlerTimeout: Duration;
  readonly filters: readonly FilterPattern[];
  readonly onFailure: OnFailureDestination;
  readonly encryptionKey: kms.IKey | undefined;
  readonly options: SubscriptionProps;
}

/** The schedules that tick the walker for one subscription, one a worker; their input is all the walker is told. */
export class WalkSchedules extends Construct {
  readonly schedules: readonly scheduler.Schedule[];

  constructor(scope: Construct, id: string, props: WalkSchedulesProps) {
    super(scope, id);
    const workers = props.options.workers ?? 1;
    // As shared/walk-ports.ts names the objects.
    const prefix = `millrace/${props.pipelineName}/${props.subscriptionName}`;
    props.walker.allow(props.onFailure.statements({ path: 'shard-walker', prefix }));
    props.walker.allow([allow(['lambda:InvokeFunction'], [props.options.handler.functionArn])]);
    this.schedules = Array.from({ length: workers }, (_, worker) => {
      const request = walkRequest(this, props, worker, workers);
      checkRequest(this, request);
      return new scheduler.Schedule(this, `Worker${worker}`, {
        description: `Millrace: walks ${props.subscriptionName}`,
        schedule: scheduler.ScheduleExpression.rate(Duration.minutes(1)),
        scheduleGroup: props.walker.scheduleGroup,
        timeWindow: scheduler.TimeWindow.off(),
        enabled: props.options.enabled ?? true,
        key: props.encryptionKey,
        target: new targets.LambdaInvoke(props.walker.function, {
          // Not fromObject, which puts a number that only the deployment knows in quotes.
          input: scheduler.ScheduleTargetInput.fromText(Stack.of(this).toJsonString(request)),
          role: props.walker.schedulerRole,
          // By default Scheduler repeats a failed tick 185 times within a day; here the next one comes in a minute.
          retryAttempts: 0,
          maxEventAge: Duration.seconds(60),
        }),
      });
    });
  }
}

function walkRequest(scope: IConstruct, props: WalkSchedulesProps, worker: number, workers: number): WalkRequestInput {
  const { options } = props;
  const milliseconds = (name: 'maxBatchingWindow' | 'leaseDuration' | 'deliveryMargin') =>
    options[name] && millisecondsOf(scope, name, options[name]);
  return {
    format: REQUEST_FORMAT,
    pipeline: props.pipelineName,
    subscription: props.subscriptionName,
    stateTable: props.walker.state.table.tableName,
    source: props.source,
    handler: {
      functionArn: options.handler.functionArn,
      timeoutMs: millisecondsOf(scope, 'handlerTimeout', props.handlerTimeout),
    },
    worker,
    workers,
    start: startOf(options),
    batchSize: options.batchSize,
    maxBatchingWindowMs: milliseconds('maxBatchingWindow'),
    parallelizationFactor: options.parallelizationFactor,
    leaseDurationMs: milliseconds('leaseDuration'),
    deliveryMarginMs: milliseconds('deliveryMargin'),
    retryAttempts: options.retryAttempts ?? DELIVERY_DEFAULTS.retryAttempts,
    maxRecordAgeMs: millisecondsOf(scope, 'maxRecordAge', options.maxRecordAge ?? DELIVERY_DEFAULTS.maxRecordAge),
    bisectBatchOnError: options.bisectBatchOnError ?? DELIVERY_DEFAULTS.bisectBatchOnError,
    onFailure: { kind: props.onFailure.kind, target: props.onFailure.target },
    deliver: options.deliver && [...options.deliver],
    bootstrap: bootstrapRequest(scope, options.bootstrap),
    onGap: options.onGap,
    filters: props.filters.length > 0 ? [...props.filters] : undefined,
    keepAwake: options.keepAwake,
  };
}

function startOf(options: SubscriptionProps): WalkRequestInput['start'] {
  switch (options.startingPosition) {
    case lambda.StartingPosition.TRIM_HORIZON:
      // What a request means that says nothing, unless it has a bootstrap: then it is the present.
      return options.bootstrap === undefined ? undefined : { at: 'trim-horizon' };
    case lambda.StartingPosition.LATEST:
      return { at: 'latest' };
    case lambda.StartingPosition.AT_TIMESTAMP:
      return { at: 'time', time: options.startingPositionTimestamp?.toISOString() ?? '' };
    default:
      return undefined;
  }
}

/** Reads the request as the walker will, with what only the deployment knows left open. */
function checkRequest(scope: Construct, request: WalkRequestInput): void {
  const known = JSON.parse(JSON.stringify(request), (key, value: unknown) => {
    if (!Token.isUnresolved(value)) return value;
    if (typeof value !== 'number') return 'known-at-deployment';
    return key.endsWith('Ms') ? 60_000 : 1;
  }) as unknown;
  try {
    parseWalkRequest(known);
  } catch (error) {
    refuse(scope, error instanceof MillraceError ? error.message : String(error));
  }
}
