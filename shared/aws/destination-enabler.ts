import {
  DescribeKinesisStreamingDestinationCommand,
  DisableKinesisStreamingDestinationCommand,
  type DynamoDBClient,
  EnableKinesisStreamingDestinationCommand,
  type KinesisDataStreamDestination,
  UpdateKinesisStreamingDestinationCommand,
} from '@aws-sdk/client-dynamodb';
import type { DestinationRequest } from '../core/destination-request.ts';
import { MillraceError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import { errorMessage, errorName } from './errors.ts';

export interface DestinationEnablerOptions {
  readonly dynamodb: DynamoDBClient;
  readonly clock: Clock;
  /** When to give up waiting for the table: epoch milliseconds. */
  readonly deadlineMs: number;
}

/** Lets tables publish to Kinesis streams, and waits until they do. */
export interface DestinationEnabler {
  /**
   * Turns publishing on; a table that publishes to the stream already is taken as it is, but for its precision.
   * Resolves with whether this very call turned it on.
   * @throws MillraceError `invalid-request` when DynamoDB cannot, saying why; `unsupported` when it takes too long.
   */
  readonly enable: (request: DestinationRequest) => Promise<{ readonly turnedOn: boolean }>;
  /** Turns publishing off, where it is on. */
  readonly disable: (request: Pick<DestinationRequest, 'tableName' | 'streamArn'>) => Promise<void>;
}

/** How often a destination that is changing is asked about. */
const POLL_MS = 3_000;
/** Another change of the table is under way, or the description it was decided on was an old one. */
const LOOK_AGAIN = new Set(['ResourceInUseException', 'LimitExceededException']);

export function destinationEnabler(options: DestinationEnablerOptions): DestinationEnabler {
  const { dynamodb } = options;
  return {
    enable: async ({ tableName: TableName, streamArn: StreamArn, precision }) => {
      const names = { TableName, StreamArn };
      const configuration = { ApproximateCreationDateTimePrecision: precision };
      let turnedOn = false;
      for (;;) {
        const destination = await find(options, TableName, StreamArn);
        switch (destination?.DestinationStatus) {
          case 'ACTIVE': {
            const current = destination.ApproximateCreationDateTimePrecision ?? 'MILLISECOND';
            if (current === precision) return { turnedOn };
            const UpdateKinesisStreamingConfiguration = configuration;
            const update = { ...names, UpdateKinesisStreamingConfiguration };
            await asked(options, dynamodb.send(new UpdateKinesisStreamingDestinationCommand(update)));
            break;
          }
          case undefined:
          case 'DISABLED':
          case 'ENABLE_FAILED': {
            if (turnedOn && destination?.DestinationStatus === 'ENABLE_FAILED') {
              throw cannot(TableName, StreamArn, destination.DestinationStatusDescription);
            }
            const enable = { ...names, EnableKinesisStreamingConfiguration: configuration };
            if (turnedOn) await wait(options, `the table ${TableName} does not publish yet`);
            else turnedOn = await asked(options, dynamodb.send(new EnableKinesisStreamingDestinationCommand(enable)));
            break;
          }
          default:
            await wait(options, `the table ${TableName} is still ${destination?.DestinationStatus}`);
        }
      }
    },
    disable: async ({ tableName: TableName, streamArn: StreamArn }) => {
      for (;;) {
        const destination = await find(options, TableName, StreamArn).catch((error: unknown) => {
          // A table that is gone publishes nothing.
          if (error instanceof MillraceError) return undefined;
          throw error;
        });
        switch (destination?.DestinationStatus) {
          case undefined:
          case 'DISABLED':
          case 'ENABLE_FAILED':
            return;
          case 'ACTIVE':
            await asked(
              options,
              dynamodb.send(new DisableKinesisStreamingDestinationCommand({ TableName, StreamArn })),
            );
            break;
          default:
            await wait(options, `the table ${TableName} is still ${destination?.DestinationStatus}`);
        }
      }
    },
  };
}

/** @throws MillraceError `invalid-request` when there is no such table. */
async function find(
  { dynamodb }: DestinationEnablerOptions,
  TableName: string,
  streamArn: string,
): Promise<KinesisDataStreamDestination | undefined> {
  try {
    const { KinesisDataStreamDestinations: all = [] } = await dynamodb.send(
      new DescribeKinesisStreamingDestinationCommand({ TableName }),
    );
    return all.find(({ StreamArn }) => StreamArn === streamArn);
  } catch (error) {
    if (errorName(error) !== 'ResourceNotFoundException') throw error;
    const region = await dynamodb.config.region();
    throw new MillraceError('invalid-request', `there is no table ${TableName} in ${region}`, { cause: error });
  }
}

/** Whether DynamoDB does what it was asked for; false when it refuses that for now: then it is to be looked at again. */
async function asked(options: DestinationEnablerOptions, sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (!LOOK_AGAIN.has(errorName(error))) throw error;
    await wait(options, errorMessage(error));
    return false;
  }
}

async function wait({ clock, deadlineMs }: DestinationEnablerOptions, state: string): Promise<void> {
  if (clock.nowMs() + POLL_MS > deadlineMs) throw new MillraceError('unsupported', `${state}: try again later`);
  await clock.sleep(POLL_MS);
}

const cannot = (tableName: string, streamArn: string, why = 'no reason given'): MillraceError =>
  new MillraceError('invalid-request', `the table ${tableName} cannot publish to ${streamArn}: ${why}`);
