import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  type DescribeStreamInput,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { BEFORE_DESERIALIZER, keepingText } from '../core/answer-text.ts';
import { MillraceError } from '../core/errors.ts';
import type { Children, CurrentStream, ListedPage, ListedShard, Opened, Page, Source } from '../core/ports.ts';
import type { Position } from '../core/position.ts';
import { streamPage } from '../core/stream-page.ts';
import { shardCreatedAtMs, streamCreatedAtMs } from '../core/stream-time.ts';
import { errorName, failed } from './errors.ts';

export interface DynamodbStreamsSourceOptions {
  /** Asks which stream the table has now. */
  readonly dynamodb: DynamoDBClient;
  /** Reads the stream. At most two attempts suit it: the walker backs off by itself, and knows better how long. */
  readonly streams: DynamoDBStreamsClient;
  readonly tableName: string;
}

/** DescribeStream's most. */
const SHARDS_A_PAGE = 100;
/** An iterator lives 15 minutes; one of them for clocks and calls that take long. */
const ITERATOR_LIFETIME_MS = 14 * 60_000;

/** Reads the DynamoDB stream of one table. */
export function dynamodbStreamsSource(options: DynamodbStreamsSourceOptions): Source {
  const { dynamodb, streams, tableName } = options;
  return {
    iteratorLifetimeMs: ITERATOR_LIFETIME_MS,
    current: () => current(dynamodb, tableName),
    listShards: (stream, after) => listShards(streams, stream.arn, after),
    childrenOf: (stream, shardId) => childrenOf(streams, stream.arn, shardId),
    open: (stream, shardId, position) => open(streams, stream.arn, shardId, position),
    read: (stream, iterator) => read(streams, stream.arn, iterator),
  };
}

async function current(dynamodb: DynamoDBClient, tableName: string): Promise<CurrentStream> {
  let table: TableDescription | undefined;
  try {
    table = (await dynamodb.send(new DescribeTableCommand({ TableName: tableName }))).Table;
  } catch (error) {
    if (errorName(error) !== 'ResourceNotFoundException') return failed(error);
    return { kind: 'no-table', message: `there is no table ${tableName}` };
  }
  const arn = table?.LatestStreamArn;
  if (arn === undefined) return { kind: 'no-stream', message: `the table ${tableName} has no stream` };
  // A stream that was turned off stays the table's latest for as long as its records are kept.
  const open = table?.StreamSpecification?.StreamEnabled === true;
  return { kind: 'stream', stream: { arn, createdAtMs: streamCreatedAtMs(arn) }, open };
}

async function listShards(
  streams: DynamoDBStreamsClient,
  StreamArn: string,
  after: string | null,
): Promise<ListedPage> {
  const page = { StreamArn, Limit: SHARDS_A_PAGE, ...(after === null ? {} : { ExclusiveStartShardId: after }) };
  try {
    const { StreamDescription: description = {} } = await streams.send(new DescribeStreamCommand(page));
    return {
      kind: 'page',
      shards: (description.Shards ?? []).map(listed),
      next: description.LastEvaluatedShardId ?? null,
      open: description.StreamStatus !== 'DISABLED',
    };
  } catch (error) {
    return errorName(error) === 'ResourceNotFoundException' ? { kind: 'gone' } : failed(error);
  }
}

/** The direct children that are visible: to DynamoDB it is no error when there are none yet. */
async function childrenOf(streams: DynamoDBStreamsClient, StreamArn: string, ShardId: string): Promise<Children> {
  const ask = async (where: Pick<DescribeStreamInput, 'ShardFilter' | 'ExclusiveStartShardId'>) => {
    const { StreamDescription: description } = await streams.send(new DescribeStreamCommand({ StreamArn, ...where }));
    return (description?.Shards ?? []).filter((shard) => shard.ParentShardId === ShardId);
  };
  try {
    const filtered = await ask({ ShardFilter: { Type: 'CHILD_SHARDS', ShardId } });
    // DynamoDB Local 3.3.0 takes the filter and finds nothing by it. Shards come in the order of their ids, which begin
    // with their time, so children come soon after their parent.
    const shards = filtered.length > 0 ? filtered : await ask({ ExclusiveStartShardId: ShardId });
    return { kind: 'children', shards: shards.map(listed) };
  } catch (error) {
    // A full listing tells what became of a shard or a stream that is not found.
    const isRefused = ['ResourceNotFoundException', 'ValidationException'].includes(errorName(error));
    return isRefused ? { kind: 'unsupported' } : failed(error);
  }
}

function listed(shard: Shard): ListedShard {
  const { ShardId: shardId = '', ParentShardId: parent, SequenceNumberRange: range } = shard;
  return {
    shardId,
    parents: parent === undefined ? [] : [parent],
    startingSequenceNumber: range?.StartingSequenceNumber ?? '',
    isClosed: range?.EndingSequenceNumber !== undefined,
    createdAtMs: shardCreatedAtMs(shardId),
  };
}

async function open(
  streams: DynamoDBStreamsClient,
  StreamArn: string,
  ShardId: string,
  position: Position,
): Promise<Opened> {
  const command = new GetShardIteratorCommand({ StreamArn, ShardId, ...iteratorAt(position, ShardId) });
  try {
    const { ShardIterator: iterator } = await streams.send(command);
    if (iterator === undefined) return { kind: 'failed', reason: 'unavailable', message: 'GetShardIterator gave none' };
    return { kind: 'opened', iterator };
  } catch (error) {
    switch (errorName(error)) {
      case 'TrimmedDataAccessException':
        return { kind: 'trimmed' };
      case 'ResourceNotFoundException':
        return { kind: 'gone' };
      default:
        return failed(error);
    }
  }
}

function iteratorAt(position: Position, shardId: string) {
  switch (position.at) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' } as const;
    case 'at-sequence-number':
      return { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: position.sequenceNumber } as const;
    case 'after-sequence-number':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.sequenceNumber } as const;
    case 'after-item':
    case 'shard-end':
      throw new MillraceError(
        'invalid-state',
        `the shard ${shardId} is at ${position.at}, which a stream cannot be opened at`,
      );
  }
}

async function read(streams: DynamoDBStreamsClient, streamArn: string, ShardIterator: string): Promise<Page> {
  try {
    return { kind: 'page', ...streamPage(await answerOf(streams, ShardIterator), streamArn) };
  } catch (error) {
    switch (errorName(error)) {
      case 'ExpiredIteratorException':
        return { kind: 'expired' };
      case 'TrimmedDataAccessException':
        return { kind: 'trimmed' };
      case 'ResourceNotFoundException':
        return { kind: 'gone' };
      default:
        return failed(error);
    }
  }
}

/**
 * Calls GetRecords and gives the answer's text: the records go on as they came. The SDK does not see them, because taking
 * them apart costs several times what all the rest does.
 */
async function answerOf(streams: DynamoDBStreamsClient, ShardIterator: string): Promise<Buffer> {
  let text: Buffer = Buffer.from('{}');
  const command = new GetRecordsCommand({ ShardIterator });
  const keep = (answer: Buffer): void => {
    text = answer;
  };
  command.middlewareStack.add(keepingText(keep), BEFORE_DESERIALIZER);
  await streams.send(command);
  return text;
}
