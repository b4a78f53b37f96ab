import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { checkSeconds, checkWhole, refuse } from './range.ts';
import type { DeliveryOptions } from './subscription-props.ts';

/** What both paths do unless the subscription says otherwise. */
export const DELIVERY_DEFAULTS = {
  batchSize: 100,
  maxBatchingWindow: Duration.seconds(0),
  parallelizationFactor: 1,
  bisectBatchOnError: true,
  // Retries and age outlast an outage of the sink, and end before the stream forgets the record at 24 hours.
  retryAttempts: 500,
  maxRecordAge: Duration.hours(20),
  reportBatchItemFailures: true,
} as const;

/** Fails where a value is outside of what AWS allows for it. */
export function checkDelivery(scope: IConstruct, options: DeliveryOptions): void {
  checkWhole(scope, 'batchSize', options.batchSize, 1, 10_000);
  checkSeconds(scope, 'maxBatchingWindow', options.maxBatchingWindow, 0, 300);
  checkWhole(scope, 'parallelizationFactor', options.parallelizationFactor, 1, 10);
  checkWhole(scope, 'retryAttempts', options.retryAttempts, -1, 10_000);
  checkSeconds(scope, 'maxRecordAge', options.maxRecordAge, 60, 604_800);
  const { startingPosition, startingPositionTimestamp } = options;
  if (startingPositionTimestamp !== undefined && Number.isNaN(startingPositionTimestamp.getTime())) {
    refuse(scope, 'startingPositionTimestamp must be a valid date, got Invalid Date');
  }
  const isAtTime = startingPosition === lambda.StartingPosition.AT_TIMESTAMP;
  if (isAtTime !== (startingPositionTimestamp !== undefined)) {
    refuse(
      scope,
      isAtTime
        ? 'startingPositionTimestamp must be given with AT_TIMESTAMP'
        : `startingPositionTimestamp must be left out with ${startingPosition ?? 'TRIM_HORIZON'}`,
    );
  }
}
