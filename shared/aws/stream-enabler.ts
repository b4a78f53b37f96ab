import {
  DescribeTableCommand,
  type DynamoDBClient,
  type TableDescription,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, type DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { MillraceError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { StreamRequest } from '../core/stream-request.ts';
import { errorMessage, errorName } from './errors.ts';

export interface StreamEnablerOptions {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly clock: Clock;
  /** When to give up waiting for the table: epoch milliseconds. */
  readonly deadlineMs: number;
}

/** A table's stream that is on and can be read. */
export interface EnabledStream {
  readonly tableArn: string;
  readonly streamArn: string;
  /** Whether this very call turned it on. */
  readonly turnedOn: boolean;
}

/** Turns the streams of tables on and off, and waits until that is done. */
export interface StreamEnabler {
  /**
   * Turns a table's stream on; a stream with the wanted view type is taken as it is.
   * @throws MillraceError `invalid-request` when there is no table, or its stream has another view type and is not the
   * one that may be replaced; `unsupported` when the table is not ready in time.
   */
  readonly enable: (request: StreamRequest) => Promise<EnabledStream>;
  /** Turns a stream off, if it is the one the table has. */
  readonly disable: (tableName: string, streamArn: string) => Promise<void>;
}

/** How often a table that is changing is asked about. */
const POLL_MS = 3_000;
const LOOK_AGAIN = new Set(['ResourceInUseException', 'LimitExceededException', 'ValidationException']);

export function streamEnabler(options: StreamEnablerOptions): StreamEnabler {
  return {
    enable: (request) => enable(options, request),
    disable: (tableName, streamArn) => disable(options, tableName, streamArn),
  };
}

async function enable(options: StreamEnablerOptions, request: StreamRequest): Promise<EnabledStream> {
  const { tableName, viewType } = request;
  let turnedOn = false;
  for (;;) {
    const table = await settled(options, tableName);
    const current = streamOf(table);
    if (current === undefined) {
      turnedOn = (await turn(options, tableName, { StreamEnabled: true, StreamViewType: viewType })) || turnedOn;
    } else if (current.viewType === viewType) {
      await readable(options, current.arn);
      return { tableArn: table.TableArn ?? '', streamArn: current.arn, turnedOn };
    } else if (request.replace === current.arn) {
      await turn(options, tableName, { StreamEnabled: false });
    } else {
      throw otherViewType(request, current);
    }
  }
}

async function disable(options: StreamEnablerOptions, tableName: string, streamArn: string): Promise<void> {
  const table = await settled(options, tableName).catch((error: unknown) => {
    if (error instanceof MillraceError && error.code === 'invalid-request') return undefined;
    throw error;
  });
  if (table === undefined || streamOf(table)?.arn !== streamArn) return;
  await turn(options, tableName, { StreamEnabled: false });
  await disable(options, tableName, streamArn);
}

/** The table once nothing changes it: DynamoDB refuses a change while another one is under way. */
async function settled(options: StreamEnablerOptions, tableName: string): Promise<TableDescription> {
  for (;;) {
    const table = await describe(options.dynamodb, tableName);
    if (table.TableStatus === 'ACTIVE') return table;
    await wait(options, `the table ${tableName} is still ${table.TableStatus}`);
  }
}

async function readable(options: StreamEnablerOptions, StreamArn: string): Promise<void> {
  for (;;) {
    const { StreamDescription } = await options.streams.send(new DescribeStreamCommand({ StreamArn, Limit: 1 }));
    if (StreamDescription?.StreamStatus === 'ENABLED') return;
    await wait(options, `the stream ${StreamArn} is still ${StreamDescription?.StreamStatus}`);
  }
}

async function wait({ clock, deadlineMs }: StreamEnablerOptions, state: string): Promise<void> {
  if (clock.nowMs() + POLL_MS > deadlineMs) throw new MillraceError('unsupported', `${state}: try again later`);
  await clock.sleep(POLL_MS);
}

async function describe(dynamodb: DynamoDBClient, TableName: string): Promise<TableDescription> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table ?? {};
  } catch (error) {
    if (errorName(error) !== 'ResourceNotFoundException') throw error;
    const region = await dynamodb.config.region();
    throw new MillraceError('invalid-request', `there is no table ${TableName} in ${region}`, { cause: error });
  }
}

interface CurrentStream {
  readonly arn: string;
  readonly viewType: string;
}

/** The stream that is on. One that was turned off stays the latest for a day, with `StreamEnabled` no longer there. */
function streamOf(table: TableDescription): CurrentStream | undefined {
  const { LatestStreamArn: arn, StreamSpecification: specification } = table;
  if (arn === undefined || specification?.StreamEnabled !== true) return undefined;
  return { arn, viewType: specification.StreamViewType ?? 'UNKNOWN' };
}

/**
 * Asks for the change; false when DynamoDB refuses it for now, because another change is under way, or because the
 * description it was decided on was an old one: both are to be looked at again.
 */
async function turn(
  options: StreamEnablerOptions,
  TableName: string,
  StreamSpecification: { readonly StreamEnabled: boolean; readonly StreamViewType?: StreamRequest['viewType'] },
): Promise<boolean> {
  try {
    await options.dynamodb.send(new UpdateTableCommand({ TableName, StreamSpecification }));
    return true;
  } catch (error) {
    if (!LOOK_AGAIN.has(errorName(error))) throw error;
    await wait(options, errorMessage(error));
    return false;
  }
}

function otherViewType(request: StreamRequest, current: CurrentStream): MillraceError {
  return new MillraceError(
    'invalid-request',
    `the stream of ${request.tableName} has the view type ${current.viewType}, and ${request.viewType} was asked for: take ${current.viewType}, or name ${current.arn} as the stream to replace`,
  );
}
