import {
  DescribeTableCommand,
  type DynamoDBClient,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  type TableDescription,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, type DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { FoundStream, FoundTable } from '../core/found-table.ts';
import type { Failed } from '../core/ports.ts';
import { streamCreatedAtMs } from '../core/stream-time.ts';
import type { Enabling, TableFinder } from '../core/table-ports.ts';
import { errorMessage, errorName, failed } from './errors.ts';

export interface TableFinderOptions {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
}

/** Another change of the table is under way: it is asked again when that is done. */
const LOOK_AGAIN = new Set(['ResourceInUseException', 'ResourceNotFoundException']);

/** Finds the tables of the region of its clients. */
export function tableFinder({ dynamodb, streams }: TableFinderOptions): TableFinder {
  return {
    listTables: async (after) => {
      const page = after === null ? {} : { ExclusiveStartTableName: after };
      const answer = await dynamodb.send(new ListTablesCommand(page)).catch(failed);
      if ('kind' in answer) return answer;
      return { kind: 'page', names: answer.TableNames ?? [], next: answer.LastEvaluatedTableName ?? null };
    },
    describeTable: (TableName) =>
      noneOr(async () => {
        const { Table: table = {} } = await dynamodb.send(new DescribeTableCommand({ TableName }));
        return { kind: 'table', table: foundTable(TableName, table) };
      }),
    tagsOf: (ResourceArn) => noneOr(async () => ({ kind: 'tags', tags: await tagsOf(dynamodb, ResourceArn) })),
    enableStream: async (TableName, StreamViewType) => {
      const StreamSpecification = { StreamEnabled: true, StreamViewType };
      const answer = dynamodb.send(new UpdateTableCommand({ TableName, StreamSpecification }));
      return answer.then((): Enabling => ({ kind: 'asked' })).catch(notEnabled);
    },
    isReadable: async (StreamArn) => {
      const answer = await streams.send(new DescribeStreamCommand({ StreamArn, Limit: 1 })).catch((error: unknown) => {
        // A stream is not at once known everywhere.
        return errorName(error) === 'ResourceNotFoundException' ? { StreamDescription: undefined } : failed(error);
      });
      return 'kind' in answer ? answer : answer.StreamDescription?.StreamStatus === 'ENABLED';
    },
  };
}

async function tagsOf(dynamodb: DynamoDBClient, ResourceArn: string): Promise<Readonly<Record<string, string>>> {
  const tags: Record<string, string> = {};
  let NextToken: string | undefined;
  do {
    const command = new ListTagsOfResourceCommand({ ResourceArn, NextToken });
    const page = await dynamodb.send(command).catch((error: unknown) => {
      // DynamoDB Local 3.3.0 knows no tags: there no table has any.
      if (errorName(error) === 'UnknownOperationException') return { Tags: [], NextToken: undefined };
      throw error;
    });
    for (const { Key = '', Value = '' } of page.Tags ?? []) tags[Key] = Value;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return tags;
}

function foundTable(tableName: string, table: TableDescription): FoundTable {
  const createdAtMs = table.CreationDateTime?.getTime() ?? 0;
  return {
    tableName,
    tableId: table.TableId ?? String(createdAtMs),
    arn: table.TableArn ?? '',
    status: table.TableStatus ?? 'UNKNOWN',
    stream: foundStream(table),
  };
}

/** The stream that is on: one that was turned off stays the table's latest for a day. */
function foundStream({ LatestStreamArn: arn, StreamSpecification: stream }: TableDescription): FoundStream | null {
  if (arn === undefined || stream?.StreamEnabled !== true || stream.StreamViewType === undefined) return null;
  return { arn, createdAtMs: streamCreatedAtMs(arn), viewType: stream.StreamViewType };
}

async function noneOr<T>(call: () => Promise<T>): Promise<T | { readonly kind: 'none' } | Failed> {
  try {
    return await call();
  } catch (error) {
    return errorName(error) === 'ResourceNotFoundException' ? { kind: 'none' } : failed(error);
  }
}

function notEnabled(error: unknown): Enabling {
  const message = errorMessage(error);
  if (LOOK_AGAIN.has(errorName(error)) || /already has an enabled stream/i.test(message)) return { kind: 'asked' };
  const failure = failed(error);
  // What DynamoDB finds wrong with the request does not pass by itself.
  const isLasting = failure.reason === 'denied' || errorName(error) === 'ValidationException';
  return isLasting ? { kind: 'refused', message } : failure;
}
