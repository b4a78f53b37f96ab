import { randomUUID } from 'node:crypto';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  type Shard,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { onTestFinished } from 'vitest';
import { type LocalKinesis, startKinesalite } from '../../cli/kinesalite.ts';
import type { StreamEventRecord } from '../../shared/core/record.ts';
import { eventOf, type FeedDraft } from '../../shared/testing/builders.ts';
import { feedData } from '../../shared/testing/kinesis-event.ts';

/** One Kinesis stream of a test, with the engine that it is in. */
export interface TestStream extends LocalKinesis {
  readonly streamName: string;
  /** Puts a record into the stream; resolves with its shard and sequence number. */
  readonly put: (
    partitionKey: string,
    data: string,
  ) => Promise<{ readonly shardId: string; readonly sequenceNumber: string }>;
  readonly shards: () => Promise<readonly Shard[]>;
  readonly openShards: () => Promise<readonly Shard[]>;
  /** Splits a shard in the middle of its hash keys; resolves when its children are there. */
  readonly split: (shardId: string) => Promise<void>;
  /** Merges two shards that are neighbours; resolves when their child is there. */
  readonly merge: (shardId: string, neighbour: string) => Promise<void>;
  /** Deletes the stream; resolves when it is not there any more. */
  readonly drop: () => Promise<void>;
}

/** A stream on an engine of its own, which ends with the test. */
export async function aStream(shardCount = 1, streamName = `changes-${randomUUID().slice(0, 8)}`): Promise<TestStream> {
  const engine = await startKinesalite();
  onTestFinished(engine.stop);
  const { client } = engine;
  await createStream(client, streamName, shardCount);
  const shards = async () => (await client.send(new ListShardsCommand({ StreamName: streamName }))).Shards ?? [];
  return {
    ...engine,
    streamName,
    shards,
    openShards: async () => (await shards()).filter(isOpen),
    put: async (PartitionKey, data) => {
      const put = new PutRecordCommand({ StreamName: streamName, PartitionKey, Data: Buffer.from(data) });
      const { ShardId = '', SequenceNumber = '' } = await client.send(put);
      return { shardId: ShardId, sequenceNumber: SequenceNumber };
    },
    split: async (shardId) => {
      const range = (await shards()).find((shard) => shard.ShardId === shardId)?.HashKeyRange;
      const [low, high] = [BigInt(range?.StartingHashKey ?? 0), BigInt(range?.EndingHashKey ?? 0)];
      const NewStartingHashKey = String((low + high) / 2n);
      await client.send(new SplitShardCommand({ StreamName: streamName, ShardToSplit: shardId, NewStartingHashKey }));
      await active(client, streamName);
    },
    merge: async (ShardToMerge, AdjacentShardToMerge) => {
      await client.send(new MergeShardsCommand({ StreamName: streamName, ShardToMerge, AdjacentShardToMerge }));
      await active(client, streamName);
    },
    drop: async () => {
      await client.send(new DeleteStreamCommand({ StreamName: streamName }));
      while (await isThere(client, streamName)) await pause();
    },
  };
}

/** Creates a stream, also anew under a name that was deleted, and waits until it is there. */
export async function createStream(client: KinesisClient, StreamName: string, ShardCount = 1): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
      break;
    } catch (error) {
      if (attempt === 100) throw error;
      await pause();
    }
  }
  await active(client, StreamName);
}

async function active(client: KinesisClient, StreamName: string): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (summary?.StreamStatus === 'ACTIVE') return;
    await pause();
  }
}

const isThere = (client: KinesisClient, StreamName: string): Promise<boolean> =>
  client.send(new DescribeStreamSummaryCommand({ StreamName })).then(
    () => true,
    (error: Error) => {
      if (error.name === 'ResourceNotFoundException') return false;
      throw error;
    },
  );

const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
const isOpen = (shard: Shard): boolean => shard.SequenceNumberRange?.EndingSequenceNumber === undefined;

/** A change as DynamoDB puts it into the stream. */
export const feedOf = (draft: FeedDraft, options: Parameters<typeof eventOf>[1] = {}): string =>
  feedData(eventOf([draft], options).Records[0] as StreamEventRecord, options.tableName);
