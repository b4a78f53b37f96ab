import { type _Record, GetRecordsCommand, type GetRecordsOutput } from '@aws-sdk/client-dynamodb-streams';
import readableOf from 'dynamodb-streams-readable';
import { dynamodbState } from '../shared/aws/dynamodb-state.ts';
import { dynamodbStreamsSource } from '../shared/aws/dynamodb-streams-source.ts';
import type { ChangeEvent } from '../shared/core/record.ts';
import { inProcessSink } from '../shared/in-process-sink.ts';
import { type Database, STATE_TABLE, startDatabase, TABLE, writeBacklog } from './support/database.ts';
import { figureOf } from './support/figure.ts';
import { alternate, ratioOf } from './support/rounds.ts';
import type { Row } from './support/row.ts';
import { drain } from './support/walking.ts';

const RECORDS = 200_000;

/** How fast one process drains a backlog of one shard on DynamoDB Local, in records a second. */
export async function backlog(): Promise<readonly Row[]> {
  const database = await startDatabase();
  try {
    await writeBacklog(database.dynamodb, RECORDS);
    let life = 0;
    const perSecond = await alternate({
      walker: () => rate(() => walked(database, `orders-${life++}`)),
      loop: () => rate(() => bareLoop(database)),
      readable: () => rate(() => readable(database)),
    });
    const row = {
      what: `end to end: a backlog of ${RECORDS.toLocaleString('en-US')} records on DynamoDB Local`,
      unit: 'records/s',
      ours: figureOf(perSecond.walker),
    };
    const fast = (others: readonly number[]) => ({ figure: ratioOf(perSecond.walker, others), meaning: 'x as fast' });
    return [
      {
        ...row,
        comparison: { name: 'a hand-written SDK loop, without checkpoints', theirs: figureOf(perSecond.loop) },
        ratio: fast(perSecond.loop),
        target: { of: 'ratio', bound: 'at-least', value: 1 },
      },
      {
        ...row,
        comparison: { name: 'npm dynamodb-streams-readable, waiting 1 ms', theirs: figureOf(perSecond.readable) },
        ratio: fast(perSecond.readable),
        target: null,
      },
    ];
  } finally {
    await database.stop();
  }
}

async function rate(drained: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const records = await drained();
  if (records < RECORDS) throw new Error(`${RECORDS} records must be drained, got ${records}`);
  return records / ((performance.now() - startedAt) / 1000);
}

/** A subscription of its own each time, so that its positions begin anew. */
async function walked({ dynamodb, streams }: Database, subscription: string): Promise<number> {
  let records = 0;
  const handler = (event: ChangeEvent): void => {
    records += event.Records.length;
  };
  const source = dynamodbStreamsSource({ dynamodb, streams, tableName: TABLE });
  const state = dynamodbState({ client: dynamodb, tableName: STATE_TABLE });
  const request = { subscription, stateTable: STATE_TABLE, batchSize: 1_000 };
  await drain({ request, ports: { source, state, sink: inProcessSink(handler) }, records: RECORDS });
  return records;
}

async function bareLoop({ streams, streamArn }: Database): Promise<number> {
  const { StreamDescription: description } = await streams.describeStream({ StreamArn: streamArn });
  const ShardId = description?.Shards?.[0]?.ShardId;
  const opened = await streams.getShardIterator({ StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
  let iterator = opened.ShardIterator;
  let records = 0;
  while (records < RECORDS && iterator !== undefined) {
    const page: GetRecordsOutput = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
    records += page.Records?.length ?? 0;
    iterator = page.NextShardIterator;
  }
  return records;
}

async function readable({ streams, streamArn }: Database): Promise<number> {
  const pages = readableOf(streams, streamArn, { iterator: 'TRIM_HORIZON', readInterval: 1 });
  let records = 0;
  for await (const page of pages) {
    records += (page as readonly _Record[]).length;
    if (records >= RECORDS) break;
  }
  return records;
}
