import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbState } from './aws/dynamodb-state.ts';
import { lambdaClientFor, lambdaSink } from './aws/lambda-sink.ts';
import { s3Destination } from './aws/s3-destination.ts';
import { snsDestination } from './aws/sns-destination.ts';
import { sqsDestination } from './aws/sqs-destination.ts';
import { systemClock } from './clock.ts';
import { recordFilter } from './core/filter.ts';
import type { FailureDestination, Sink } from './core/ports.ts';
import type { Report } from './core/walk-event.ts';
import type { WalkRequest } from './request.ts';
import { walkReport } from './walk-report.ts';
import { walkSource } from './walk-source.ts';
import type { WalkPorts } from './walker.ts';

const logger = new Logger({ serviceName: 'millrace-walker' });
export const stateClient = new DynamoDBClient({});

/** Not through `console`, whose lines Lambda wraps in its own: CloudWatch finds no metrics in those. */
const emit = (line: string): void => void process.stdout.write(`${line}\n`);

/** What a walk in Lambda touches, as its request says. */
export const walkPorts = (request: WalkRequest): WalkPorts => ({
  ...walkSource(request),
  ...statePorts(request),
  ...deliveryPorts(request),
  report: reportOf(request),
});

/** Where a walk keeps what it knows, and what else it has of the machine. */
export const statePorts = ({ stateTable }: WalkRequest) => ({
  state: dynamodbState({ client: stateClient, tableName: stateTable }),
  clock: systemClock,
  random: Math.random,
  newId: randomUUID,
});

/** Logs and metrics under the request's pipeline and subscription. */
export const reportOf = ({ pipeline, subscription }: WalkRequest): Report =>
  walkReport({ pipeline, subscription }, { logger, emit, clock: systemClock });

/** The handler's function. */
export function sinkOf({ handler, deliveryMarginMs }: WalkRequest): Sink {
  const delivery = { functionArn: handler.functionArn, timeoutMs: handler.timeoutMs, deliveryMarginMs };
  return lambdaSink({ ...delivery, client: lambdaClientFor(delivery) });
}

/** Where a walk's batches go. */
export function deliveryPorts(
  request: WalkRequest,
  sink: Sink = sinkOf(request),
): Pick<WalkPorts, 'sink' | 'accepts' | 'onFailure'> {
  const { pipeline, subscription, filters, onFailure } = request;
  return {
    sink,
    ...(filters.length > 0 ? { accepts: recordFilter(filters) } : {}),
    ...(onFailure ? { onFailure: destinationOf(onFailure, `millrace/${pipeline}/${subscription}`) } : {}),
  };
}

function destinationOf({ kind, target }: NonNullable<WalkRequest['onFailure']>, prefix: string): FailureDestination {
  switch (kind) {
    case 's3':
      return s3Destination({ bucket: target, prefix });
    case 'sqs':
      return sqsDestination({ queueUrl: target });
    case 'sns':
      return snsDestination({ topicArn: target });
  }
}
