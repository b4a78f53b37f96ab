import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { ListedShard, Source, SourceRecord, StreamIdentity } from '../../../shared/core/ports.ts';
import { type Position, trimHorizon } from '../../../shared/core/position.ts';

export const putter = (dynamodb: DynamoDBClient, tableName: string) => (id: string) =>
  dynamodb.send(
    new PutItemCommand({ TableName: tableName, Item: { id: { S: id }, at: { N: String(performance.now()) } } }),
  );

export async function streamOf(source: Source): Promise<StreamIdentity> {
  const current = await source.current();
  if (current.kind !== 'stream') throw new Error(current.message);
  return current.stream;
}

export async function shardsOf(source: Source, stream: StreamIdentity): Promise<readonly ListedShard[]> {
  const page = await source.listShards(stream, null);
  if (page.kind !== 'page') throw new Error(page.kind);
  return page.shards;
}

export async function pageFrom(source: Source, stream: StreamIdentity, shard: ListedShard, position: Position) {
  const opened = await source.open(stream, shard.shardId, position);
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  const page = await source.read(stream, opened.iterator);
  if (page.kind !== 'page') throw new Error(page.kind);
  return page;
}

export const readAll = async (source: Source, stream: StreamIdentity, shard: ListedShard) =>
  (await pageFrom(source, stream, shard, trimHorizon())).records;

export const idsOf = (records: readonly SourceRecord[]) =>
  records.map((record) => JSON.parse(record.itemKey())[0][1].S);
